"""Plan files inside the host's own input and output folders, and nowhere else."""

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath, PureWindowsPath

import folder_paths

SUFFIX = ".json"
OUTPUT_MARK = " [output]"  # the host's own way to name a file of the output folder


def list_plan_files() -> list[str]:
    """Names of the JSON files a person can choose from: both folders and their direct subfolders.

    The host asks for the list on every look at the node, so it does not search deeper.
    """
    inputs = sorted(_json_files(Path(folder_paths.get_input_directory())))
    outputs = sorted(_json_files(Path(folder_paths.get_output_directory())))
    return inputs + [name + OUTPUT_MARK for name in outputs]


def _json_files(base: Path) -> Iterator[str]:
    for folder in (base, *_subfolders(base)):
        for entry in _entries(folder):
            if entry.name.endswith(SUFFIX) and entry.is_file():
                yield Path(entry.path).relative_to(base).as_posix()


def _subfolders(base: Path) -> list[Path]:
    return [Path(entry.path) for entry in _entries(base) if entry.is_dir()]


def _entries(folder: Path) -> list[os.DirEntry]:
    try:
        with os.scandir(folder) as entries:
            return [entry for entry in entries if not entry.name.startswith(".")]
    except OSError:
        return []


def readable_plan_file(name: str) -> Path:
    """Path of an existing plan file.

    Args:
        name: relative to the input folder, or to the output folder when it ends with "[output]".

    Raises:
        ValueError: the name leaves these folders, is no .json file, or there is no such file.
    """
    bare, base = folder_paths.annotated_filepath(name)
    base = base or folder_paths.get_input_directory()
    path = Path(base, check_relative(bare.strip()))
    if path.suffix.lower() != SUFFIX:
        raise ValueError(f"{name!r} is no {SUFFIX} file; plans are saved as {SUFFIX}")
    if not folder_paths.is_within_directory(base, str(path)):
        raise ValueError(
            f"{name!r} leads out of the host's folder, through a link perhaps; copy the plan into "
            "the input folder"
        )
    if not path.is_file():
        raise ValueError(f"there is no file {name!r}; put the plan into ComfyUI's input folder")
    return path


def new_plan_file(filename_prefix: str) -> tuple[Path, str, str]:
    """Path of the next free file of the output folder for a prefix such as ``plans/plan``.

    Returns:
        The path, the file name and the subfolder as the host's interface wants them.

    Raises:
        ValueError: the prefix leaves the output folder.
    """
    check_relative(filename_prefix)
    path, subfolder = new_output_path(filename_prefix, f"_{SUFFIX}")
    return path, path.name, subfolder


def new_output_path(
    filename_prefix: str, ending: str, width: int = 0, height: int = 0
) -> tuple[Path, str]:
    """The next free path of the output folder for a checked prefix, and its subfolder there.

    Args:
        filename_prefix: as ``check_relative`` lets it through.
        ending: what follows the number.
        width, height: of pictures, for the host's own place-holders in the prefix.

    Raises:
        ValueError: the prefix leads out of the output folder through a link.
    """
    output = folder_paths.get_output_directory()
    if not folder_paths.is_within_directory(output, str(Path(output, filename_prefix).parent)):
        raise ValueError(
            f"{filename_prefix!r} leads out of the output folder through a link; use another prefix"
        )
    folder, name, counter, subfolder, _ = folder_paths.get_save_image_path(
        filename_prefix, output, width, height
    )
    return Path(folder, f"{name}_{counter:05}{ending}"), subfolder


def check_relative(name: str) -> str:
    """Return a name unchanged when it can only mean a file below the folder it is relative to.

    Raises:
        ValueError: empty, absolute on any system, or with a parent folder or null byte in it.
    """
    pure = (PurePosixPath(name), PureWindowsPath(name))
    if not name or name.endswith(("/", "\\")):
        raise ValueError(f"{name!r} names no file; give a file name, with folders in front if any")
    if any(path.is_absolute() or path.drive or path.root for path in pure) or "\0" in name:
        raise ValueError(f"{name!r} is not relative; files live in the host's own folders")
    if any(".." in path.parts for path in pure):
        raise ValueError(f"{name!r} goes up with '..'; files live in the host's own folders")
    return name
