"""Reads a model folder with transformers: no download, no code of the folder, no pickles."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .profile import Profile

_TOKENIZERS = {"tokenizer.json", "tokenizer.model", "vocab.json", "tokenizer_config.json"}


def folder_of(profile: Profile) -> Path:
    """The model folder of a profile of kind "local"."""
    return Path(profile.folder.get_secret_value() if profile.folder else "")


def folder_problem(profile: Profile) -> str | None:
    """What keeps a profile's model folder from being read, with what to change; None if nothing."""
    if importlib.util.find_spec("transformers") is None:
        return (
            "the Python package transformers is missing; run pip install transformers with the "
            "Python that runs ComfyUI"
        )
    try:
        names = {path.name for path in folder_of(profile).iterdir()}
    except OSError:
        return "the model folder cannot be read; correct the profile's folder"
    if "config.json" not in names:
        return "the model folder has no config.json; name the folder that holds it"
    if not any(name.endswith(".safetensors") for name in names):
        return (
            "the model folder has no .safetensors, and other files of weights can run code; get "
            "the model as .safetensors"
        )
    if "adapter_config.json" in names:
        return "the model folder holds an adapter; merge it into its model first"
    if not names & _TOKENIZERS:
        return "the model folder has no tokenizer; get the model's other files, too"
    return None


def load_folder(profile: Profile) -> tuple[Any, Any]:
    """Load the tokenizer and the model of a sound folder, the model on its device."""
    library: Any = importlib.import_module("transformers")
    torch: Any = importlib.import_module("torch")
    device = profile.options.device or ("cuda" if torch.cuda.is_available() else "cpu")
    safe = {"local_files_only": True, "trust_remote_code": False}
    dtype = "dtype" if int(library.__version__.split(".")[0]) >= 5 else "torch_dtype"
    folder = str(folder_of(profile))
    with quiet(library):
        tokenizer = library.AutoTokenizer.from_pretrained(folder, **safe)
        model = library.AutoModelForCausalLM.from_pretrained(
            folder, use_safetensors=True, **safe, **{dtype: "auto"}
        )
    return tokenizer, model.to(device).eval()


@contextmanager
def quiet(library: Any) -> Iterator[None]:
    """Keep transformers from logging, as its messages name the folder."""
    logs = library.utils.logging
    before, bars = logs.get_verbosity(), logs.is_progress_bar_enabled()
    logs.set_verbosity(logs.CRITICAL)
    logs.disable_progress_bar()
    try:
        yield
    finally:
        logs.set_verbosity(before)
        if bars:
            logs.enable_progress_bar()
