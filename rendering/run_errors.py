"""What can go wrong around a run folder, each error one paragraph that ends with what to do."""

from ..host.errors import DirectorError


class RunFolderError(DirectorError):
    """The run folder cannot be used as asked."""


class RunFolderBusyError(RunFolderError):
    """Another runner writes into the folder."""


class RunFolderVersionError(RunFolderError):
    """A newer version of the pack wrote the folder."""


class RunFolderFullError(RunFolderError):
    """The disk filled up; what was finished before is kept.

    Attributes:
        needed: bytes that are to be written, as far as that is known.
        free: bytes that were free when writing failed.
    """

    def __init__(self, what: str, reason: str, needed: int, free: int) -> None:
        self.needed, self.free = needed, free
        super().__init__(
            f"{what} could not be written ({reason}): it needs {_megabytes(needed)} or more, and "
            f"{_megabytes(free)} are free. What was finished before is kept; make room, or use "
            "another disk, and run it again."
        )


def _megabytes(count: int) -> str:
    return f"{count / 1e6:.1f} MB"
