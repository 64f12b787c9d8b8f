"""A language model in this process, as VideoStudio (arXiv:2401.01256, section 3.1) runs its own.

Its memory is freed before the sampler needs it.
"""

from __future__ import annotations

import gc
import importlib
import time
from collections.abc import Mapping, Sequence
from threading import Event, Lock
from typing import Any

from ..asking import Heard, Message
from .errors import LanguageModelError
from .failures import Failure
from .listening import run_listening
from .model_folder import folder_problem, load_folder, quiet
from .profile import Options, Profile
from .scrubbing import Scrubber

_MOST_TOKENS = 4096  # of an answer, where the profile does not say


class LocalModel:
    """A model folder that is loaded when it is first asked.

    Args:
        profile: of kind "local".
    """

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._scrubber = Scrubber(profile)
        self._loaded: tuple[Any, Any] | None = None
        self._lock = Lock()  # a load that was broken off may still be running

    def complete(
        self, messages: Sequence[Message], schema: Mapping[str, Any] | None, heard: Heard
    ) -> str:
        """Return the whole answer; see ``asking.LanguageModel``. The schema is not enforced.

        Raises:
            LanguageModelError: the folder cannot be read, or the answer was cut off.
        """
        watch = _Watch(self._profile.options.timeout)
        result = run_listening(
            lambda: self._answer(messages, watch), watch.stop.set, lambda: heard(watch.text())
        )
        if isinstance(result, Failure):
            raise LanguageModelError(self._profile.name, result.problem)
        heard(result)
        return result

    def unload(self) -> None:
        """Free the model's memory; the next question loads it again."""
        if self._loaded is None:
            return
        self._loaded = None
        gc.collect()
        torch: Any = importlib.import_module("torch")
        if torch.cuda.is_available():
            torch.cuda.empty_cache()

    def _answer(self, messages: Sequence[Message], watch: _Watch) -> str | Failure:
        with self._lock:
            problem = folder_problem(self._profile)
            if problem:
                return Failure(problem)
            try:
                loaded = self._loaded or load_folder(self._profile)
                if watch.stop.is_set():
                    return Failure("the question was withdrawn")
                self._loaded = loaded
                return _generated(*loaded, messages, self._profile.options, watch)
            except Exception as error:
                told = self._scrubber.message(str(error))
                return Failure(
                    f"the local model failed ({type(error).__name__}: {told}); see whether its "
                    "folder is complete, or set options.device to cpu where memory is short"
                )


class _Watch:
    """Sees each new token, ends the answer when told to, and lets another thread read along."""

    def __init__(self, seconds: float) -> None:
        self.stop = Event()
        self._end = time.monotonic() + seconds
        self._tokenizer: Any = None
        self._start = 0
        self._tokens: Any = None

    def begin(self, tokenizer: Any, start: int) -> None:
        """Watch an answer that begins after ``start`` tokens of prompt."""
        self._tokenizer, self._start = tokenizer, start

    def late(self) -> bool:
        """Whether the time is over."""
        return time.monotonic() > self._end

    def __call__(self, tokens: Any, scores: Any, **_: Any) -> Any:
        """As transformers asks its stopping criteria after each token."""
        self._tokens = tokens
        torch: Any = importlib.import_module("torch")
        done = self.stop.is_set() or self.late()
        return torch.full((len(tokens),), done, dtype=torch.bool, device=tokens.device)

    def text(self) -> str:
        """The answer so far."""
        tokens = self._tokens
        if tokens is None:
            return ""
        written = tokens[0, self._start :].tolist()
        return str(self._tokenizer.decode(written, skip_special_tokens=True)).rstrip("\ufffd")


def _generated(
    tokenizer: Any, model: Any, messages: Sequence[Message], options: Options, watch: _Watch
) -> str | Failure:
    library: Any = importlib.import_module("transformers")
    torch: Any = importlib.import_module("torch")
    if not tokenizer.chat_template:
        return Failure("the model has no chat template; use one that is made for dialogue")
    given = tokenizer(_prompt(tokenizer, messages), return_tensors="pt", add_special_tokens=False)
    start = given["input_ids"].shape[1]
    room = (getattr(model.config, "max_position_embeddings", None) or 2**31) - start
    if room <= 0:
        return Failure(f"the request fills the model's context ({start} tokens); use another model")
    most = min(options.max_tokens or _MOST_TOKENS, room)
    watch.begin(tokenizer, start)
    devices = [model.device] if model.device.type == "cuda" else []
    with quiet(library), torch.random.fork_rng(devices=devices):
        torch.manual_seed(options.seed or 0)
        tokens = model.generate(
            **given.to(model.device),
            **_sampling(options),
            max_new_tokens=most,
            stopping_criteria=library.StoppingCriteriaList([watch]),
        )
    if watch.late():
        return Failure("the answer took too long; raise options.timeout or use a smaller model")
    if tokens.shape[1] - start >= most and int(tokens[0, -1]) not in _ends(model):
        return Failure(
            f"the answer was cut off after {most} tokens; raise options.max_tokens or ask for "
            "fewer scenes"
        )
    text = watch.text()
    return text if text.strip() else Failure("the answer is empty; use another model")


def _prompt(tokenizer: Any, messages: Sequence[Message]) -> str:
    """The dialogue in the model's own form; models that know no system hear it from the user."""
    jinja: Any = importlib.import_module("jinja2")
    plain: list[dict[str, str]] = [
        {"role": message["role"], "content": message["content"]} for message in messages
    ]
    for_answer = {"tokenize": False, "add_generation_prompt": True}
    try:
        return str(tokenizer.apply_chat_template(plain, **for_answer))
    except jinja.TemplateError:
        system = [message["content"] for message in plain if message["role"] == "system"]
        rest = [message for message in plain if message["role"] != "system"]
        if not system or not rest:
            raise
    rest[0]["content"] = "\n\n".join([*system, rest[0]["content"]])
    return str(tokenizer.apply_chat_template(rest, **for_answer))


def _sampling(options: Options) -> dict[str, Any]:
    """What the profile leaves open is as the model's folder says."""
    if options.temperature == 0:
        return {"do_sample": False}
    given = {"temperature": options.temperature, "top_p": options.top_p}
    chosen = {name: value for name, value in given.items() if value is not None}
    return {**chosen, "do_sample": True} if chosen else {}


def _ends(model: Any) -> set[int]:
    ends = model.generation_config.eos_token_id
    return set(ends) if isinstance(ends, list) else {ends}
