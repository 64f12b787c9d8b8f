"""What is looked at before the first step, so that a long run does not fail for a small reason."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import aiohttp

from ...host.errors import ClientError, DirectorError
from .. import frame_needs
from ..manifest import pack_version
from .hashes import rendered_size
from .hosts import SceneHost
from .scene_job import JobMaker, Prompt


class PreflightError(DirectorError):
    """A run that can't work; nothing was queued.

    Attributes:
        problems: one message each.
    """

    def __init__(self, problems: Sequence[str]):
        self.problems = list(problems)
        listed = "\n".join(f"- {problem}" for problem in self.problems)
        super().__init__(f"Nothing was queued, because this would not work:\n{listed}")


async def preflight(
    hosts: Sequence[SceneHost], scenes: Sequence[str], maker: JobMaker, folder: Path
) -> None:
    """Connect the hosts and check that they can render the scenes.

    Args:
        hosts: not connected yet; they are afterwards.
        scenes: ids of those that would be rendered, at least one.
        maker: makes their jobs.
        folder: where their files will be.

    Raises:
        PreflightError: with every problem that was found.
    """
    problems = disk_problems(scenes, maker, folder)
    prompt = maker.prompt(scenes[0])
    memory = frames_memory(scenes, maker)
    for found in await asyncio.gather(*(host_problems(host, prompt, memory) for host in hosts)):
        problems += found
    if problems:
        raise PreflightError(problems)


def disk_problems(scenes: Sequence[str], maker: JobMaker, folder: Path) -> list[str]:
    """Whether the scenes' files may not fit on the disk of the run folder."""
    frames = sum(scene.frames for scene in maker.plan.scenes if scene.id in scenes)
    size = rendered_size(maker)
    return frame_needs.disk_problems(frames, size, maker.clip_format, folder, "--format mp4")


def frames_memory(scenes: Sequence[str], maker: JobMaker) -> float:
    """Bytes of the frames of the longest scene in the host's memory."""
    frames = max(scene.frames for scene in maker.plan.scenes if scene.id in scenes)
    return frame_needs.frames_in_memory(frames, rendered_size(maker))


async def host_problems(host: SceneHost, prompt: Prompt, memory: float) -> list[str]:
    """Connect one host and look whether it can render; its versions are known afterwards.

    Args:
        host: not connected yet.
        prompt: the job of one scene.
        memory: bytes of the frames of the longest scene.
    """
    try:
        await host.open()
        known = {
            kind: await host.client.object_info(kind)
            for kind in sorted({node["class_type"] for node in prompt.values()})
        }
        system = await host.client.system_stats()
    except ClientError as error:
        return [str(error)]
    except (aiohttp.ClientError, asyncio.TimeoutError, OSError, ValueError) as error:
        return [f"{host.url} does not answer as a ComfyUI does ({error}); check the address"]
    host.versions = host_versions(system)
    problems = [
        f"{host.url} has no node {kind}; install or update the pack it belongs to"
        for kind, info in known.items()
        if not info
    ]
    problems += [
        f"{host.url}: {problem}"
        for node_id, node in prompt.items()
        if known[node["class_type"]]
        for problem in _input_problems(node_id, node, known[node["class_type"]])
    ]
    problems += frame_needs.memory_problems(
        f"{host.url}: the frames of the longest scene",
        memory,
        system.get("ram_total", 0),
        "make the scene shorter or smaller",
    )
    return problems


def host_versions(system: dict[str, Any]) -> dict[str, str]:
    """Versions of pack and host, as far as the host's account of itself names them."""
    found = {
        "comfyui": system.get("comfyui_version"),
        "torch": system.get("pytorch_version"),
        "python": str(system.get("python_version", "")).partition(" ")[0],
    }
    return {"pack": pack_version(), **{name: text for name, text in found.items() if text}}


def _input_problems(node_id: str, node: dict[str, Any], info: dict[str, Any]) -> list[str]:
    """Inputs that the host's node does not have, and files that it has not."""
    accepted = {**info["input"].get("required", {}), **info["input"].get("optional", {})}
    where = f"node {node_id} ({info.get('display_name') or node['class_type']})"
    problems = []
    for name, value in node["inputs"].items():
        if name not in accepted and "." not in name:  # a name with a dot is part of another input
            problems.append(f"{where} has no input {name}; update the pack it belongs to")
            continue
        choices = _choices(accepted.get(name))
        if choices is not None and not isinstance(value, list) and value not in choices:
            shown = ", ".join(map(str, choices[:8])) or "none"
            problems.append(f"{where}: {name} is {value!r}, but there is only: {shown}")
    return problems


def _choices(description: Any) -> list[Any] | None:
    """What an input lets one choose from; None where it is no list of choices."""
    if not description:
        return None
    if isinstance(description[0], list):
        return description[0]
    options = description[1] if len(description) > 1 else {}
    found = options.get("options") if description[0] == "COMBO" else None
    return found if isinstance(found, list) and "remote" not in options else None
