"""The client against a real HTTP server that answers as servers do on good and bad days."""

import json
import threading
import time

import pytest
from video_director.planning.language_models.errors import LanguageModelError
from video_director.planning.language_models.openai_client import OpenAIModel

from ..scripted_language_model import (
    ScriptedServer,
    calls_tool,
    fails,
    hangs,
    refuses,
    says,
    says_whole,
    sends,
    thinks,
)

MESSAGES = [{"role": "system", "content": "Plan."}, {"role": "user", "content": "A corgi."}]
SCHEMA = {
    "type": "object",
    "properties": {"scenes": {"type": "array", "items": {"type": "string"}}},
    "required": ["scenes"],
    "additionalProperties": False,
}


class Interrupt(Exception):
    """What a host raises to stop a job."""


def ask(model, schema=None, heard=lambda text: None):
    return model.complete(MESSAGES, schema, heard)


def problem_of(server, profile, schema=None):
    with pytest.raises(LanguageModelError) as caught:
        ask(OpenAIModel(profile), schema)
    assert caught.value.profile == "test"
    assert "'test'" in str(caught.value)
    return caught.value.problem


def test_an_answer_is_heard_as_it_grows_and_returned_whole(profile_of):
    text = "Once upon a time there was a corgi. " * 10
    with ScriptedServer([says(text, piece=30, pause=0.05)]) as server:
        heard = []
        assert ask(OpenAIModel(profile_of(server)), heard=heard.append) == text
    assert heard[-1] == text
    assert len(set(heard)) >= 4
    assert all(text.startswith(part) for part in heard)
    assert len(heard) <= 15


def test_the_request_holds_the_messages_and_what_the_profile_says(profile_of):
    with ScriptedServer([says("yes")]) as server:
        profile = profile_of(
            server, temperature=0.5, max_tokens=9, seed=3, extra_body={"num_ctx": 4096}
        )
        ask(OpenAIModel(profile))
    assert server.asked == [
        {
            "model": "scripted",
            "messages": MESSAGES,
            "stream": True,
            "temperature": 0.5,
            "max_tokens": 9,
            "seed": 3,
            "num_ctx": 4096,
        }
    ]


def test_only_the_profile_speaks_not_the_environment(profile_of, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-someone-else")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-of-someone-else")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "project-of-someone-else")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "Authorization: Bearer sk-of-someone-else")
    with ScriptedServer([says("yes"), says("yes")]) as server:
        ask(OpenAIModel(profile_of(server)))
        ask(OpenAIModel(profile_of(server, key="sk-of-the-profile")))
    assert "someone-else" not in json.dumps([request.headers for request in server.requests])
    assert server.requests[1].headers["authorization"] == "Bearer sk-of-the-profile"


def test_a_proxy_is_not_asked_for_a_server_on_this_machine(profile_of, monkeypatch):
    with ScriptedServer([]) as gone, ScriptedServer([says("yes")], ollama=True) as server:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, gone.root)
        model = OpenAIModel(profile_of(server))
        assert ask(model) == "yes"
        model.unload()
    assert not gone.requests
    assert server.requests[-1].path == "/api/generate"


def test_an_impossible_address_is_told(profile_of):
    with ScriptedServer([]) as server:
        profile = profile_of(server, base_url="http://planted..\u2603/v1")
    assert "planted" not in problem_of(server, profile)


def test_broken_json_is_passed_on_as_text(profile_of):
    with ScriptedServer([says('{"scenes": [')]) as server:
        assert ask(OpenAIModel(profile_of(server)), SCHEMA) == '{"scenes": ['


async def test_it_may_be_called_where_an_event_loop_runs(profile_of):
    with ScriptedServer([says("yes")]) as server:
        assert ask(OpenAIModel(profile_of(server))) == "yes"


def test_a_server_that_does_not_stream_is_understood(profile_of):
    message = {"role": "assistant", "content": "yes"}
    body = {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}
    with ScriptedServer([says_whole(body)]) as server:
        assert ask(OpenAIModel(profile_of(server))) == "yes"


def test_thoughts_are_no_answer(profile_of):
    with ScriptedServer([thinks("let me see", "yes")]) as server:
        assert ask(OpenAIModel(profile_of(server))) == "yes"


def test_arguments_of_a_tool_are_the_answer(profile_of):
    with ScriptedServer([calls_tool('{"scenes": []}')]) as server:
        assert ask(OpenAIModel(profile_of(server)), SCHEMA) == '{"scenes": []}'


# Failures that another try does not mend: script, words of the message.
FINAL = {
    "tool call without arguments": ([calls_tool("")], ["called a tool", "another model"]),
    "refusal": ([refuses("I will not do that")], ["refuses", "I will not do that", "prompt"]),
    "wrong key": ([fails(401, "Incorrect API key")], ["wants a key", "401", "key_env"]),
    "forbidden": ([fails(403, "not for you")], ["403", "not for you", "key"]),
    "no such model": ([fails(404, "model 'scripted' not found")], ["'scripted'", "ollama pull"]),
    "no such path": ([fails(404, "page not found")], ["404", "base_url", "/v1"]),
    "bad request": ([fails(400, "temperature is too hot")], ["400", "too hot", "options"]),
    "no credit": ([fails(402, "pay first")], ["credit", "402"]),
    "quota": ([fails(429, "You exceeded your current quota")], ["429", "quota"]),
    "patience": ([fails(429, "slow down", {"Retry-After": "3600"})], ["429", "3600 s"]),
    "web page": ([sends("<html><body>Welcome</body></html>")], ["web page", "base_url"]),
    "web page as an error": ([sends("<html>no</html>", status=403)], ["403", "a web page"]),
    "error in a success": ([says_whole({"error": {"message": "no memory"}})], ["no memory"]),
    "cut off": ([says('{"scenes": [', finish="length")], ["cut off", "max_tokens"]),
    "filter": ([says("A", finish="content_filter")], ["filter", "prompt"]),
    "too long": ([says("x" * 5_000_000, piece=50_000)], ["longer than 2000000", "max_tokens"]),
    "too long without an end": (
        [says("x" * 3_000_000, piece=50_000, hangs_after=True)],
        ["longer than 2000000"],
    ),
    "too long in one piece": ([says("x" * 5_000_000, piece=5_000_000)], ["longer than 2000000"]),
}


@pytest.mark.parametrize(("script", "words"), FINAL.values(), ids=FINAL)
def test_what_no_retry_mends_is_told_at_once(script, words, profile_of):
    with ScriptedServer(script) as server:
        problem = problem_of(server, profile_of(server))
    assert len(server.asked) == 1
    assert not [word for word in words if word not in problem], problem
    assert len(problem) < 600


# Failures that a second try mends, and the words where it does not.
PASSING = {
    "500": (fails(500, "oops"), ["500", "oops", "tries: 2"]),
    "503": (fails(503, "loading the model"), ["503", "loading the model"]),
    "429": (fails(429, "slow down", {"Retry-After": "0.2"}), ["429", "slow down"]),
    "connection dropped": (says('{"scenes": [', drops=True), ["12 letters"]),
    "stream ended early": (says('{"scenes": [', finish=None), ["12 letters"]),
    "empty": (says(""), ["empty"]),
    "no stream": (sends("", "text/event-stream"), ["without an answer"]),
    "broken stream": (sends("data: {oops\n\n", "text/event-stream"), ["not JSON"]),
    "error in the stream": (
        sends('data: {"error": {"message": "lost the GPU"}}\n\n', "text/event-stream"),
        ["lost the GPU"],
    ),
}


@pytest.mark.parametrize(("bad", "words"), PASSING.values(), ids=PASSING)
def test_a_second_try_is_made(bad, words, profile_of):
    with ScriptedServer([bad, says("fine"), bad, bad]) as server:
        model = OpenAIModel(profile_of(server))
        assert ask(model) == "fine"
        assert len(server.asked) == 2
        problem = problem_of(server, profile_of(server))
    assert len(server.asked) == 4
    assert not [word for word in words if word not in problem], problem


def test_retry_after_is_kept(profile_of):
    with ScriptedServer([fails(429, "wait", {"Retry-After": "1.5"}), says("fine")]) as server:
        begun = time.monotonic()
        assert ask(OpenAIModel(profile_of(server))) == "fine"
    assert 1.4 <= time.monotonic() - begun < 15


def test_no_server_at_all(profile_of):
    with ScriptedServer([]) as gone:
        profile = profile_of(gone)
    problem = problem_of(gone, profile)
    assert "cannot be reached" in problem
    assert "tries: 2" in problem


@pytest.mark.parametrize(
    "script",
    [
        [hangs()],
        [says("A corgi", hangs_after=True)],
        [fails(429, "wait", {"Retry-After": "50"})],
    ],
    ids=["silent server", "silent within the answer", "waiting for a retry"],
)
def test_an_interrupt_ends_the_request_within_a_second(script, profile_of):
    with ScriptedServer(script) as server:
        begun = time.monotonic()

        def heard(text):
            if time.monotonic() - begun > 1.5:
                raise Interrupt

        with pytest.raises(Interrupt):
            ask(OpenAIModel(profile_of(server)), heard=heard)
        assert time.monotonic() - begun < 4  # one second, and what a busy machine adds
        deadline = time.monotonic() + 10
        while _workers() and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not _workers()


def _workers():
    return [t for t in threading.enumerate() if t.name == "VideoDirector language model"]


@pytest.mark.parametrize("script", [[hangs()], [says("A corgi", hangs_after=True)]])
def test_silence_ends_the_request(script, profile_of):
    with ScriptedServer(script) as server:
        begun = time.monotonic()
        problem = problem_of(server, profile_of(server, silence_timeout=0.5))
    assert time.monotonic() - begun < 15
    assert "silent for 0.5 s" in problem
    assert "silence_timeout" in problem
    assert len(server.asked) == 1


def test_a_slow_drip_ends_when_the_time_is_over(profile_of):
    with ScriptedServer([says("drip " * 1000, piece=5, pause=0.1)]) as server:
        begun = time.monotonic()
        problem = problem_of(server, profile_of(server, timeout=1.0))
    assert time.monotonic() - begun < 15
    assert "longer than 1 s" in problem
    assert "options.timeout" in problem


def test_the_strictest_form_of_answer_is_asked_first(profile_of):
    with ScriptedServer([says("{}")]) as server:
        ask(OpenAIModel(profile_of(server)), SCHEMA)
    wanted = {"name": "answer", "schema": SCHEMA, "strict": True}
    assert server.asked[0]["response_format"] == {"type": "json_schema", "json_schema": wanted}


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (400, "Invalid parameter: 'response_format' of type 'json_schema' is not supported"),
        (404, "No endpoints found that support the requested parameters: response_format"),
        (422, "Extra inputs: response_format"),
        (400, "This feature is not supported"),
        (500, "failed to parse grammar"),
    ],
)
def test_a_refused_form_is_stepped_down_from_and_remembered(status, message, profile_of):
    refused = fails(status, message)
    with ScriptedServer([refused, says("{}"), says("[]"), says("yes")]) as server:
        model = OpenAIModel(profile_of(server))
        assert ask(model, SCHEMA) == "{}"
        assert ask(model, SCHEMA) == "[]"
        assert ask(model) == "yes"
    forms = [(body.get("response_format") or {}).get("type") for body in server.asked]
    assert forms == ["json_schema", "json_object", "json_object", None]


def test_text_is_the_last_form(profile_of):
    refused = fails(400, "response_format is not supported")
    with ScriptedServer([refused, refused, says("{}"), says("{}")]) as server:
        model = OpenAIModel(profile_of(server))
        assert ask(model, SCHEMA) == ask(model, SCHEMA) == "{}"
    forms = [(body.get("response_format") or {}).get("type") for body in server.asked]
    assert forms == ["json_schema", "json_object", None, None]


def test_a_wrong_key_is_no_refused_form(profile_of):
    with ScriptedServer([fails(401, "this schema of keys is not supported")]) as server:
        problem_of(server, profile_of(server), SCHEMA)
    assert len(server.asked) == 1


def test_a_missing_sdk_is_told(profile_of, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "openai", None)
    with ScriptedServer([]) as server:
        assert "pip install openai" in problem_of(server, profile_of(server))
