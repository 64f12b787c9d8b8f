"""A planted key and address are searched for in whatever a client lets out."""

import logging
import traceback

import pytest
from video_director.planning.language_models.errors import LanguageModelError
from video_director.planning.language_models.openai_client import OpenAIModel
from video_director.planning.language_models.opening import check
from video_director.planning.language_models.profiles import Profiles
from video_director.planning.language_models.scrubbing import Scrubber

from ..scripted_language_model import (
    ScriptedServer,
    echoes_headers,
    fails,
    hangs,
    redirects,
    refuses,
    says,
    says_whole,
    sends,
)

KEY = "planted-Xy7Qw9Er2Ty4"
USER = "planted-user-8841"
MESSAGES = [{"role": "user", "content": "A corgi."}]

# Every way in which a server may give a key back.
LEAKS = {
    "all headers": echoes_headers(),
    "a wrong key": fails(401, f"Incorrect API key provided: {KEY}."),
    "half a key": fails(403, f"The key {KEY[:12]}… may not do that"),
    "its end": fails(401, f"Incorrect API key provided: ********{KEY[-9:]}"),
    "in a header of a busy server": fails(429, f"slow down, {KEY}", {"Retry-After": "100"}),
    "text": sends(f"no JSON but {KEY}", "text/plain", 500),
    "refusal": refuses(f"I will not tell {KEY}"),
    "in the stream": sends(f'data: {{"error": {{"message": "{KEY}"}}}}\n\n', "text/event-stream"),
    "no JSON in the stream": sends(f"data: {KEY}\n\n", "text/event-stream"),
    "success": says_whole({"error": {"message": KEY}}),
    "silence": hangs(),
    "endless redirect": redirects(f"/v1/chat/completions?key={KEY}"),
}


def seen(error):
    """Everything that a person or a log could get of an error, its causes and their frames."""
    chain, following = [], error
    while following is not None:
        chain += [str(following), repr(following), repr(vars(following))]
        following = following.__cause__ or following.__context__
    return "\n".join([*chain, *traceback.format_exception(error)])


@pytest.mark.parametrize("leak", LEAKS.values(), ids=LEAKS)
def test_no_error_and_no_log_holds_the_key_or_the_address(leak, profile_of, caplog):
    caplog.set_level(logging.DEBUG)
    for name in ("openai", "httpx", "httpx2", "httpcore", "httpcore2"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    with ScriptedServer(lambda body: leak) as server:
        address = server.root.replace("//", f"//{USER}:{KEY}@") + "/v1"
        profile = profile_of(server, key=KEY, base_url=address, tries=1, silence_timeout=0.3)
        with pytest.raises(LanguageModelError) as caught:
            OpenAIModel(profile).complete(MESSAGES, None, lambda text: None)
        assert server.requests
    out = seen(caught.value) + repr(caplog.records) + caplog.text
    out += "".join(repr(vars(record)) for record in caplog.records)
    for secret in (KEY, KEY[:12], KEY[-9:], USER, server.root, server.root.rpartition(":")[2]):
        assert secret not in out
    assert len(caught.value.problem) < 600


def test_an_answer_that_repeats_the_key_comes_without_it(profile_of):
    with ScriptedServer([says(f"the key is {KEY}, ha", pause=0.05, piece=4)]) as server:
        heard = []
        text = OpenAIModel(profile_of(server, key=KEY)).complete(MESSAGES, None, heard.append)
    assert text == "the key is (key), ha"
    assert not [part for part in heard if KEY in part]


def test_other_users_of_the_libraries_log_as_ever(profile_of, caplog):
    openai = pytest.importorskip("openai")
    caplog.set_level(logging.DEBUG)
    logging.getLogger("openai").setLevel(logging.DEBUG)
    with ScriptedServer([says("yes")]) as server:
        OpenAIModel(profile_of(server, key=KEY)).complete(MESSAGES, None, lambda text: None)
        ours = [record for record in caplog.records if record.name.startswith("openai")]
        openai.OpenAI(api_key="theirs", base_url=server.url, max_retries=0).models.list()
        theirs = [record for record in caplog.records if record.name.startswith("openai")]
    assert not ours
    assert theirs


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_to_another_server_does_not_carry_the_key(status, profile_of):
    with (
        ScriptedServer([says("yes")]) as other,
        ScriptedServer([redirects(f"{other.url}/chat/completions", status)]) as first,
    ):
        model = OpenAIModel(profile_of(first, key=KEY, tries=1))
        assert model.complete(MESSAGES, None, lambda text: None) == "yes"
        assert KEY in first.requests[0].headers["authorization"]
        assert len(other.requests) == 1
        assert KEY not in repr(other.requests)


def test_a_check_lets_nothing_out(profile_of, caplog):
    caplog.set_level(logging.DEBUG)
    with ScriptedServer(lambda body: echoes_headers(), models=None) as server:
        result = check(profile_of(server, key=KEY))
    assert not result.answers
    assert KEY not in result.note + caplog.text
    assert server.root not in result.note + caplog.text


def test_no_form_of_a_profile_shows_what_is_secret(tmp_path):
    environ = {
        "VIDEO_DIRECTOR_PROFILE_X_BASE_URL": f"http://{USER}@secret.example/v1",
        "VIDEO_DIRECTOR_PROFILE_X_MODEL": "some",
        "VIDEO_DIRECTOR_PROFILE_X_KEY": KEY,
    }
    profiles = Profiles.load(tmp_path, environ)
    profile = profiles.get("x")
    out = [repr(profile), str(profile), f"{profile!r}", repr(profiles), str(vars(profile))]
    out += [str(profile.model_dump()), profile.model_dump_json(), str(profile.answer_settings())]
    out += [repr(profile.model_copy()), repr(OpenAIModel(profile)), str(vars(OpenAIModel(profile)))]
    for secret in (KEY, USER, "secret.example"):
        assert secret not in "\n".join(out)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("see https://secret.example/a?b=c now", "see (address) now"),
        ("Bearer abcdefghij is wrong", "(key) is wrong"),
        ("your key sk-abc***xyz123 is wrong", "your key (key) is wrong"),
        ("line\none\x00\x1b[31m", "line one [31m"),
        ("no such model", "no such model"),
        ("/home/me/models/big.gguf: no memory", "(path): no memory"),
        ("open('C:\\Users\\me\\x.bin') failed", "open('(path)') failed"),
        ("in ~/models/x", "in (path)"),
        (
            "POST /v1/chat/completions and/or qwen/qwen3-8b",
            "POST /v1/chat/completions and/or qwen/qwen3-8b",
        ),
    ],
)
def test_messages_are_cleaned(said, shown, profile_of):
    with ScriptedServer([]) as server:
        profile = profile_of(server, key=KEY)
    assert Scrubber(profile).message(said) == shown


def test_messages_are_short(profile_of):
    with ScriptedServer([]) as server:
        profile = profile_of(server, key=KEY)
    assert len(Scrubber(profile).message("word " * 1000)) <= 300
