"""Which content the files have that a workflow names: part of what decides a scene's pixels."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import aiohttp

from ...host.errors import DirectorError
from ..digests import DigestMemory, file_digest
from ..manifest import miniature_digests
from .scene_job import JobMaker

ROUTE = "/video_director/digests"
MOST_NAMES = 1000
_LONGEST = 500
_CONNECT_SECONDS = 10
_SECONDS = 600  # the first digest of a large file takes as long as reading it

Digests = dict[str, str]  # sha256 by name of the file


def named(maker: JobMaker) -> list[str]:
    """Texts of the jobs that may name a file, sorted."""
    found = set(_texts([node["inputs"] for node in maker.settings().values()]))
    return sorted(text for text in found if "." in text and len(text) <= _LONGEST)[:MOST_NAMES]


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list):
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(item)


def own_digests(names: Sequence[str], models: Path | None, memory: DigestMemory) -> Digests:
    """For a host of our own: the pack's weights, and files in its models folder.

    Args:
        names: that may be files.
        models: the folder that holds a folder for each kind of model; None where there is none.
        memory: remembers digests of large files.
    """
    found = models.iterdir() if models and models.is_dir() else ()
    kinds = [kind for kind in found if kind.is_dir()]
    files = {
        name: path
        for name in names
        for kind in kinds
        if (path := kind / name).is_file() and path.resolve().is_relative_to(kind.resolve())
    }
    return {
        **miniature_digests(),
        **{name: file_digest(path, memory) for name, path in files.items()},
    }


async def digests_at(servers: Sequence[str], names: Sequence[str]) -> Digests | None:
    """What the hosts tell; None where none of them answers, or its pack is older.

    Raises:
        DirectorError: two hosts have files of different content under one name.
    """
    answers = await asyncio.gather(*(_asked(url, names) for url in servers))
    told = {url: one for url, one in zip(servers, answers, strict=True) if one is not None}
    if not told:
        return None
    first_url, first = next(iter(told.items()))
    for url, other in told.items():
        differing = sorted(
            name for name in first.keys() | other.keys() if first.get(name) != other.get(name)
        )
        if differing:
            raise DirectorError(
                f"{first_url} and {url} do not have the same {', '.join(differing[:5])}, so their "
                "scenes would not fit together. Give both the same files (and the same version of "
                "this pack), or render at one of them."
            )
    return first


async def _asked(url: str, names: Sequence[str]) -> Digests | None:
    timeout = aiohttp.ClientTimeout(total=_SECONDS, sock_connect=_CONNECT_SECONDS)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.post(url.rstrip("/") + ROUTE, json={"names": list(names)}) as reply,
        ):
            answer = await reply.json(content_type=None) if reply.status == 200 else None
    except (aiohttp.ClientError, asyncio.TimeoutError, OSError, ValueError):
        return None  # what is wrong with the host, the look before the first step says
    if not isinstance(answer, dict):
        return None
    return {**read_digests(answer.get("miniature")), **read_digests(answer.get("files"))} or None


def read_digests(value: Any) -> Digests:
    """Digests in JSON that others wrote; none where it is no object."""
    return {str(k): str(v) for k, v in value.items()} if isinstance(value, dict) else {}
