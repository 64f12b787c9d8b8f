"""What the pack remembers from one run of the host to the next."""

from pathlib import Path

import folder_paths

from ..rendering.digests import DigestMemory


def own_folder() -> Path:
    """The pack's own folder among the host's user folders.

    The host keeps such folders out of what its server gives away.
    """
    return Path(folder_paths.get_system_user_directory("video_director"))


def digest_memory() -> DigestMemory:
    """Digests of files that this host has computed before."""
    return DigestMemory(own_folder() / "digests.json")
