"""Profiles from a file and the environment, and what is said about mistakes in them."""

import logging
import os
import sys

import pytest
from video_director.planning.language_models.errors import LanguageModelError, ProfileError
from video_director.planning.language_models.profiles import Profiles

KEY = "planted-Xy7Qw9Er2Ty4"
GOOD = """
[profiles.near-by]
base_url = "http://localhost:11434/v1/"
model = "qwen3:8b"

[profiles.far]
base_url = "https://api.example/v1"
model = "big"
key_env = "FAR_KEY"
options = { temperature = 0.7, max_tokens = 4000, extra_body = { top_k = 5 } }

[profiles.folder]
kind = "local"
folder = "~/models/some"
"""


@pytest.fixture
def load(tmp_path):
    def loaded(text=None, environ=None, mode=0o600):
        if text is not None:
            path = tmp_path / "video_director.toml"
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
            path.chmod(mode)
        return Profiles.load(tmp_path, environ or {})

    return loaded


def problem_of(profiles, name):
    with pytest.raises(ProfileError) as caught:
        profiles.get(name)
    assert isinstance(caught.value, LanguageModelError)
    return str(caught.value)


def test_offline_is_always_there(load):
    assert load().names() == ["offline"]
    assert Profiles.load(None, {}).get("offline").kind == "offline"
    assert load("not = [toml").get("offline").kind == "offline"


def test_a_file_is_read(load):
    profiles = load(GOOD, {"FAR_KEY": KEY})
    assert profiles.names() == ["offline", "far", "folder", "near-by"]
    near, far, folder = (profiles.get(name) for name in ("near-by", "far", "folder"))
    assert near.base_url.get_secret_value() == "http://localhost:11434/v1"
    assert (near.model, near.key, near.kind) == ("qwen3:8b", None, "openai")
    assert far.key.get_secret_value() == KEY
    assert (far.options.temperature, far.options.extra_body) == (0.7, {"top_k": 5})
    assert folder.folder.get_secret_value() == os.path.expanduser("~/models/some")


def test_a_file_of_windows_is_read(load):
    text = b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode()
    assert "near-by" in load(text).names()


def test_the_environment_adds_and_overrides(load):
    environ = {
        "FAR_KEY": "from-the-file-1",
        "VIDEO_DIRECTOR_PROFILE_FAR_KEY": KEY,
        "VIDEO_DIRECTOR_PROFILE_FAR_MAX_TOKENS": "99",
        "VIDEO_DIRECTOR_PROFILE_NEAR_BY_MODEL": "other",
        "VIDEO_DIRECTOR_PROFILE_MY_OWN_BASE_URL": "http://localhost:8080/v1",
        "VIDEO_DIRECTOR_PROFILE_MY_OWN_MODEL": "mine",
        "VIDEO_DIRECTOR_PROFILE_MY_OWN_KEY_ENV": "OWN_KEY",
        "VIDEO_DIRECTOR_PROFILE_MY_OWN_CONNECT_TIMEOUT": "2.5",
        "VIDEO_DIRECTOR_PROFILE_MY_OWN_TEMPERATURE": "",
        "OWN_KEY": "own-key-123",
    }
    profiles = load(GOOD, environ)
    assert profiles.names() == ["offline", "far", "folder", "my_own", "near-by"]
    far, own = profiles.get("far"), profiles.get("my_own")
    assert (far.key.get_secret_value(), far.options.max_tokens) == (KEY, 99)
    assert far.options.temperature == 0.7
    assert profiles.get("near-by").model == "other"
    assert own.key.get_secret_value() == "own-key-123"
    assert (own.options.connect_timeout, own.options.temperature) == (2.5, None)


def test_an_unknown_name_lists_the_names_and_no_values(load):
    problem = problem_of(load(GOOD, {"FAR_KEY": KEY}), "nobody")
    for word in ("'nobody'", "offline, far, folder, near-by", "video_director.toml"):
        assert word in problem
    for secret in (KEY, "api.example", "models/some"):
        assert secret not in problem


# A field of [profiles.far], and words of the message.
MISTAKES = {
    'temprature = "hot"': ["profiles.far.temprature", "unknown", "base_url", "key_env"],
    "options = { temprature = 1 }": ["profiles.far.options.temprature", "unknown", "temperature"],
    "options = { temperature = 3 }": ["profiles.far.options.temperature", "2"],
    "options = { temperature = nan }": ["profiles.far.options.temperature", "finite"],
    "options = { tries = true }": ["profiles.far.options.tries", "number"],
    "options = { timeout = 0 }": ["profiles.far.options.timeout", "greater than 0"],
    'options = { unload = "now" }': ["profiles.far.options.unload", "'ollama'"],
    "options = { extra_body = { model = 1 } }": ["profiles.far.options.extra_body", "sets model"],
    "options = { extra_body = { day = 2020-01-01 } }": ["extra_body", "date"],
    "options = 5": ["profiles.far.options", "dictionary"],
    'kind = "openai2"': ["profiles.far.kind", "'local'"],
    'kind = "offline"': ["profiles.far.kind", "built in"],
    'kind = "local"': ["profiles.far.folder", "missing"],
    'folder = "/x"': ["profiles.far.folder", "no use"],
    'folder = "x"': ["profiles.far.folder", "whole path"],
    'name = "far"': ["profiles.far.name"],
    f'key = "{KEY}\\n{KEY}"': ["profiles.far.key", "blanks"],
    f'key = "{KEY}é"': ["profiles.far.key", "letters"],
    f"key = ['{KEY}']": ["profiles.far.key", "string"],
    f'key = "{KEY}"\nkey_env = "SOME"': ["profiles.far.key_env", "beside key"],
    f'key_env = "{KEY}"': ["profiles.far.key_env", "not the key"],
    f"key_env = ['{KEY}']": ["profiles.far.key_env"],
    f'key_env = {{ key = "{KEY}" }}': ["profiles.far.key_env"],
    f'"{KEY * 4}" = 1': ["profiles.far.plan", "unknown"],
}


@pytest.mark.parametrize(("line", "words"), MISTAKES.items(), ids=MISTAKES)
def test_a_mistake_is_told_with_its_place_and_without_values(line, words, load, caplog):
    text = f'[profiles.far]\nbase_url = "http://planted-host/v1"\nmodel = "m"\n{line}\n'
    profiles = load(text + '[profiles.near]\nbase_url = "http://b/v1"\nmodel = "m"\n')
    problem = problem_of(profiles, "far")
    assert not [word for word in [*words, "video_director.toml"] if word not in problem], problem
    assert profiles.get("near").model == "m"
    assert "far" in profiles.names()
    assert "profiles.far" in caplog.text
    assert KEY * 4 not in problem
    assert "planted-host" not in problem + caplog.text
    if not line.startswith('"'):
        assert KEY not in problem + caplog.text


@pytest.mark.parametrize(
    "address",
    ["", "localhost:11434", "ftp://a/v1", "http://", "http://a:b/v1", "http://[x/v1", "http://a/ b",
     "http://a/v1?key=planted", "file:///etc/planted", "http://a:0/v1"],
)  # fmt: skip
def test_an_address_that_is_none(address, load):
    problem = problem_of(load(f'[profiles.far]\nbase_url = "{address}"\nmodel = "m"\n'), "far")
    assert "profiles.far.base_url: is no address" in problem
    assert "planted" not in problem


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"[profiles.far]\nkey = {KEY}", ["line 2, column 7", "not TOML"]),
        (f'[profiles.far]\nkey = "{KEY}', ["not TOML"]),
        (f'[profiles.far]\nkey = "{KEY}"\nkey = "{KEY}"', ["not TOML", "once"]),
        (b"[profiles.far]\nmodel = '\xff'", ["byte 24", "UTF-8"]),
        ("profiles = 5", ["profiles: is no table"]),
        ("[profiles]\nfar = 5", ["profiles.far: is no table"]),
        ("[profile.far]\nmodel = 'm'", ["profile: is unknown", "[profiles.NAME]"]),
        ("[profiles.FAR]\nmodel = 'm'", ["profiles.FAR", "small letters"]),
        ("[profiles.offline]\nmodel = 'm'", ["profiles.offline", "built in"]),
        ("a = 1\n" * 200_000, ["larger"]),
        ("a = " + "[" * 100_000, ["not TOML"]),
    ],
    ids=range(11),
)
def test_a_malformed_file_is_told(text, words, load, caplog):
    profiles = load(text)
    problem = problem_of(profiles, "far")
    assert not [word for word in words if word not in problem], problem
    assert profiles.problems[0] in caplog.text
    assert KEY not in problem + caplog.text


@pytest.mark.parametrize(
    ("variable", "words"),
    [
        ("VIDEO_DIRECTOR_PROFILE_FAR_URL", ["_FAR_URL", "_BASE_URL"]),
        ("VIDEO_DIRECTOR_PROFILE_OFFLINE_MODEL", ["built in"]),
        ("VIDEO_DIRECTOR_PROFILE__MODEL", ["small letters"]),
    ],
)
def test_a_variable_of_no_profile_is_told(variable, words, load):
    problem = problem_of(load(environ={variable: KEY}), "far")
    assert not [word for word in words if word not in problem], problem
    assert KEY not in problem


def test_a_mistake_in_the_environment_says_so(load):
    profiles = load(GOOD, {"VIDEO_DIRECTOR_PROFILE_NEAR_BY_TRIES": "planted"})
    problem = problem_of(profiles, "near-by")
    assert "environment" in problem
    assert "options.tries" in problem
    assert "planted" not in problem


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other permissions")
@pytest.mark.parametrize(("mode", "warned"), [(0o600, False), (0o640, True), (0o604, True)])
def test_a_file_that_others_can_read_warns(mode, warned, load, caplog, tmp_path):
    caplog.set_level(logging.WARNING)
    load('[profiles.a]\nbase_url = "http://b/v1"\nmodel = "m"\n', mode=mode)
    assert ("chmod 600 video_director.toml" in caplog.text) is warned
    assert str(tmp_path) not in caplog.text


def test_a_folder_in_the_place_of_the_file_is_told(load, tmp_path):
    (tmp_path / "video_director.toml").mkdir()
    problem = problem_of(load(), "far")
    assert "cannot be read" in problem
    assert str(tmp_path) not in problem


def test_what_an_answer_depends_on_holds_nothing_secret(load):
    profiles = load(GOOD, {"FAR_KEY": KEY})
    assert profiles.get("far").answer_settings() == {
        "kind": "openai",
        "model": "big",
        "temperature": 0.7,
        "max_tokens": 4000,
        "extra_body": {"top_k": 5},
    }
    assert profiles.get("folder").answer_settings()["model"] == "some"
