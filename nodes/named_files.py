"""Files that the settings of a graph name."""

from pathlib import Path

import folder_paths

_MODELS = (".safetensors", ".sft", ".ckpt", ".pt", ".pth", ".pt2", ".bin", ".pkl", ".gguf")
_LONGEST = 500


def named_file(name: str) -> Path | None:
    """The file that a setting names: a model, or something in the host's input folder.

    Args:
        name: any text of a graph.

    Returns:
        None where it names no file in these folders.
    """
    if len(name) > _LONGEST or "." not in name:
        return None
    if name.lower().endswith(_MODELS):
        for folder in folder_paths.folder_names_and_paths:
            found = folder_paths.get_full_path(folder, name)
            if found:
                return Path(found)
    try:
        path = Path(folder_paths.get_annotated_filepath(name))
        return path if path.is_file() else None
    except ValueError:  # it leads out of the host's folders, or can be no name: no file then
        return None
