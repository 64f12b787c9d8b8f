"""Which profiles answer, and how the memory of an Ollama is freed."""

import pytest
from video_director.planning.language_models.errors import ProfileError
from video_director.planning.language_models.opening import Check, check, open_model
from video_director.planning.language_models.profile import Profile

from ..scripted_language_model import ScriptedServer, fails, hangs, says_whole

KEY = "planted-Xy7Qw9Er2Ty4"
DONE = says_whole({"choices": [{"message": {"content": "Yes"}, "finish_reason": "length"}]})


def test_offline_opens_nothing_and_always_answers():
    offline = Profile(name="offline", kind="offline")
    assert check(offline) == Check(True, "built in")
    with pytest.raises(ProfileError, match="without a language model"):
        open_model(offline)


def test_a_server_that_lists_the_model_answers(profile_of):
    with ScriptedServer([], models=["other", "scripted"]) as server:
        assert check(profile_of(server)) == Check(True, "answers with scripted")
    with ScriptedServer([], models=["scripted:latest"]) as server:
        assert check(profile_of(server)).answers


def test_a_server_without_the_model_says_what_it_has(profile_of):
    with ScriptedServer([], models=["big", "small"]) as server:
        result = check(profile_of(server))
    assert not result.answers
    assert "scripted" in result.note
    assert "big, small" in result.note


def test_a_server_without_a_list_is_asked_one_word(profile_of):
    with ScriptedServer([DONE, fails(401, "who are you")], models=None) as server:
        assert check(profile_of(server)) == Check(True, "answers with scripted")
        assert server.asked[0]["max_tokens"] == 1
        result = check(profile_of(server))
    assert not result.answers
    assert "401" in result.note


def test_a_server_that_is_not_there_or_hangs(profile_of):
    with ScriptedServer([hangs()], models=None) as server:
        result = check(profile_of(server), seconds=0.5)
        assert not result.answers
        assert "0.5 s" in result.note
        profile = profile_of(server)
    gone = check(profile)
    assert not gone.answers
    assert "cannot be reached" in gone.note


def test_unload_frees_a_local_ollama(profile_of):
    with ScriptedServer([], ollama=True) as server:
        open_model(profile_of(server, key=KEY)).unload()
    greeting, freed = server.requests
    assert (greeting.path, "authorization" in greeting.headers) == ("/", False)
    assert (freed.method, freed.path) == ("POST", "/api/generate")
    assert freed.body == {"model": "scripted", "keep_alive": 0}
    assert freed.headers["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize(("unload", "paths"), [("never", []), ("auto", ["/"])])
def test_unload_leaves_others_alone(unload, paths, profile_of):
    with ScriptedServer([]) as server:
        open_model(profile_of(server, unload=unload)).unload()
    assert [request.path for request in server.requests] == paths


def test_unload_as_the_profile_says_fails_without_a_word(profile_of):
    with ScriptedServer([]) as server:
        profile = profile_of(server, unload="ollama")
        open_model(profile).unload()
    assert [request.path for request in server.requests] == ["/api/generate"]
    open_model(profile).unload()  # nobody is there any more
