"""Latents as files, in the form of the host's own Save Latent."""

from collections.abc import Mapping
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, empty

from .clip_files import whole_or_nothing
from .clip_frames import ClipError

LATENT = "latent_tensor"
_VERSION = "latent_format_version_0"  # without it the host divides by SD 1.5's old scale


def write_latents(path: Path, latents: Tensor, metadata: Mapping[str, str] | None = None) -> None:
    """Write a latent tensor to a safetensors file; a file of this name is replaced.

    Args:
        path: the file; folders above it are made.
        latents: of any shape and type; kept bit by bit.
        metadata: text by name, such as {"workflow": JSON}.

    Raises:
        OSError: the disk is full, or the place can't be written to.
    """
    tensors = {LATENT: latents.detach().cpu().contiguous(), _VERSION: empty(0)}
    with whole_or_nothing(path) as place:
        save_file(tensors, place, dict(metadata or {}))


def read_latents(path: Path) -> tuple[Tensor, dict[str, str]]:
    """The latent tensor of a file and what was written beside it.

    Raises:
        ClipError: it is missing or damaged, or holds no latents.
    """
    try:
        with safe_open(path, framework="pt") as file:
            if LATENT not in file.keys():
                raise ClipError(
                    f"{path.name} holds no {LATENT}, but {', '.join(file.keys())}; give a file "
                    "that Save Latent or the scene runner wrote"
                )
            return file.get_tensor(LATENT), dict(file.metadata() or {})
    except (OSError, SafetensorError) as error:
        raise ClipError(
            f"the latents {path.name} can't be read; the file is missing or damaged, so render "
            "the scene again"
        ) from error
