"""Which Ray renders the scenes, and with how many workers."""

import math
from dataclasses import dataclass

from ...host.errors import DirectorError

LOCAL = "local"


@dataclass(frozen=True)
class Cluster:
    """Where scenes are rendered.

    Attributes:
        address: "local" starts a Ray on this machine for the time; "auto" or HOST:PORT takes part
            in one that runs.
        workers: how many ComfyUIs, each of its own worker.
        gpus: GPUs of each worker, also a part of one; None shares out this machine's for "local",
            and gives each worker one in a cluster that has any.

    Raises:
        DirectorError: there can't be such workers.
    """

    address: str = LOCAL
    workers: int = 2
    gpus: float | None = None

    def __post_init__(self) -> None:
        if self.workers < 1:
            raise DirectorError(f"{self.workers} workers can't render; give --workers 1 or more.")
        if self.gpus is not None and (self.gpus < 0 or (self.gpus > 1 and self.gpus % 1)):
            raise DirectorError(
                f"A worker can't have {self.gpus:g} GPUs; give 0, a part of one such as 0.5, or a "
                "whole number."
            )
        if self.address.startswith("ray://"):
            raise DirectorError(
                f"{self.address} is an address of the Ray Client, which can't follow scenes while "
                "they are rendered. Run the command on a machine of the cluster, with --ray auto."
            )

    @property
    def is_local(self) -> bool:
        """Whether the Ray is our own."""
        return self.address == LOCAL

    def gpus_of_worker(self, total: float) -> float:
        """GPUs of one worker where all machines together have ``total``."""
        if self.gpus is not None:
            return self.gpus
        if total < 1:
            return 0
        return 1 / math.ceil(self.workers / total) if self.is_local else 1
