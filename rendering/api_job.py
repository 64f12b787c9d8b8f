"""Runs a filled-in workflow on a host and brings back what it made."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from ..host.client import Client
from ..host.errors import ClientError
from ..host.job import Event, JobResult
from .job_workflow import JobWorkflow

# File written for the user: the output node that makes it.
OUTPUT_NODES = {
    "video.mp4": "SaveVideo",
    "storyboard.png": "SaveImage",
    "plan.json": "VideoDirectorSavePlan",
}


@dataclass(frozen=True)
class FinishedJob:
    """Files by name, the host's account of the run, and the host's versions."""

    files: dict[str, bytes]
    result: JobResult
    versions: dict[str, str]


def run_job(url: str, workflow: JobWorkflow, on_event: Callable[[Event], None]) -> FinishedJob:
    """Queue the workflow at a host, wait for it, and fetch video, storyboard and plan.

    Raises:
        ClientError: the host refused it, failed in it, or made no such file.
    """
    return asyncio.run(_run_job(url, workflow, on_event))


async def _run_job(
    url: str, workflow: JobWorkflow, on_event: Callable[[Event], None]
) -> FinishedJob:
    async with Client(url) as client:
        result = await client.run(workflow.api, extra_data=workflow.extra_data(), on_event=on_event)
        files = {}
        for name, class_type in OUTPUT_NODES.items():
            written = result.files(workflow.node_id(class_type))
            if not written:
                raise ClientError(
                    f"The workflow ended well, but its {class_type} node wrote no file for {name}. "
                    "Look into the host's log; this pack and the host may not fit together."
                )
            files[name] = await client.fetch(written[0])
        system = await client.system_stats()
    versions = {
        "comfyui": system["comfyui_version"],
        "torch": system["pytorch_version"],
        "python": system["python_version"].split()[0],
    }
    return FinishedJob(files, result, versions)
