"""What the pack remembers from one run of the host to the next."""

from pathlib import Path

import folder_paths


def own_folder() -> Path:
    """The pack's own folder among the host's user folders.

    The host keeps such folders out of what its server gives away.
    """
    return Path(folder_paths.get_system_user_directory("video_director"))
