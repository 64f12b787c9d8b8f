"""Extra weights: where files and folders of them are, and in which precision they are kept."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import comfy.model_management
import comfy.ops
import comfy.utils
import folder_paths
import torch
from comfy.model_patcher import ModelPatcher
from torch import nn

from ..attention_patches.extra_weights_patch import weights_patcher

MINIATURE = "miniature"  # what a loader of extra weights calls those in the pack


def model_files(folders: Sequence[str]) -> list[str]:
    """Files in model folders; the first is ours and made known to the host."""
    own = folders[0]
    folder_paths.add_model_folder_path(own, str(Path(folder_paths.models_dir) / own))
    paths, extensions = folder_paths.folder_names_and_paths[own]
    if not extensions:  # the host would list every file
        known = set(folder_paths.supported_pt_extensions)
        folder_paths.folder_names_and_paths[own] = (paths, known)
    listed = [name for name in folders if name in folder_paths.folder_names_and_paths]
    return sorted({file for folder in listed for file in folder_paths.get_filename_list(folder)})


def load_extra(
    file: str,
    folders: Sequence[str],
    node: str,
    read: Callable[[Mapping[str, Any], str, Any], nn.Module],
) -> ModelPatcher:
    """Weights beside a model, as what the host loads, offloads and casts.

    Args:
        file: its name in one of the folders.
        folders: model folders.
        node: which errors name.
        read: makes a module of a state dict, the file's name and the host's operations; its
            ValueError says what is wrong with the file.

    Raises:
        ValueError: no such file, or not such weights.
    """
    state = comfy.utils.load_torch_file(path_of(file, folders, node), safe_load=True)
    try:
        model = read(state, file, comfy.ops.manual_cast)
    except ValueError as error:
        raise ValueError(f"{node}: {error}") from error
    return weights_patcher(_in_host_precision(model.eval().requires_grad_(False), state))


def path_of(file: str, folders: Sequence[str], node: str) -> str:
    """Where a file is; ValueError names the node and the folders when it is in none."""
    for folder in folders:
        if folder in folder_paths.folder_names_and_paths:
            path = folder_paths.get_full_path(folder, file)
            if path is not None:
                return path
    where = " or ".join(f"models/{folder}" for folder in folders)
    raise ValueError(f"{node}: there is no {file!r} in {where}; put the file there and press R.")


def model_folders(folder: str, config: str) -> list[str]:
    """Folders with such a file, anywhere in one of our model folders, made known to the host."""
    folder_paths.add_model_folder_path(folder, str(Path(folder_paths.models_dir) / folder))
    return sorted(
        {
            found.parent.relative_to(root).as_posix()
            for root in map(Path, folder_paths.get_folder_paths(folder))
            if root.is_dir()
            for found in root.glob(f"**/{config}")
        }
    )


def folder_of(name: str, folder: str, file: str) -> Path | None:
    """Where a folder of a model folder is, None unless it is there and has such a file."""
    for root in map(Path, folder_paths.get_folder_paths(folder)):
        path = (root / name).resolve()
        if path.is_relative_to(root.resolve()) and (path / file).is_file():
            return path
    return None


def _in_host_precision(model: nn.Module, state: Mapping[str, Any]) -> nn.Module:
    """Half precision where the host computes in it, else as small in memory as on disk."""
    halves = (torch.float16, torch.bfloat16)
    stored = next((value.dtype for value in _tensors(state)), torch.float32)
    if comfy.model_management.should_use_fp16():
        return model.half()
    return model.to(stored) if stored in halves else model


def _tensors(state: Mapping[str, Any]):
    for value in state.values():
        if isinstance(value, torch.Tensor):
            yield value
        elif isinstance(value, Mapping):
            yield from _tensors(value)
