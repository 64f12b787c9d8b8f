"""Pictures of entities under the digest of their pixels, in the host's temporary folder.

The host caches by literals and links. A scene that was linked to whatever makes the pictures of a
whole plan would be rendered again whenever anything in that plan changes; so each scene gets the
digests of its own entities' pictures as a literal, and reads them from here.
"""

import hashlib
import json
import os
import re
from collections.abc import Iterable
from pathlib import Path

import folder_paths
import numpy as np
import torch
from comfy_api.latest import io
from PIL import Image

from . import sockets
from .sockets import EntityReference

_FOLDER = "video_director_references"
_DIGEST = re.compile(r"[0-9a-f]{32}")


def keep(reference: EntityReference) -> str:
    """Write a picture with its mask, unless it is there already; returns its digest."""
    pixels = _bytes(reference.picture[..., :3])
    if reference.mask is not None:
        pixels = np.concatenate([pixels, _bytes(reference.mask)[..., None]], axis=-1)
    told = repr(pixels.shape).encode() + pixels.tobytes()
    digest = hashlib.sha256(told).hexdigest()[:32]
    path = _path(digest)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f".{path.name}.{os.getpid()}")
        Image.fromarray(pixels).save(unfinished, format="PNG")
        os.replace(unfinished, path)
    return digest


def listed(references: dict[str, EntityReference], names: Iterable[str]) -> str:
    """A literal for ``SceneReferences``: digest and source of every picture there is."""
    kept = {
        name: [keep(references[name]), references[name].source]
        for name in sorted(set(names) & references.keys())
    }
    return json.dumps(kept)


def kept(digest: str, source: str) -> EntityReference:
    """Read a picture that ``keep`` wrote.

    Raises:
        ValueError: no digest, or no such picture any more.
    """
    if not _DIGEST.fullmatch(digest):
        raise ValueError(f"Scene References: {digest!r} is no digest of a picture.")
    path = _path(digest)
    if not path.exists():
        raise ValueError(
            f"Scene References: the picture {digest[:8]} is no longer in ComfyUI's temporary "
            "folder; run Render Plan again, which writes it anew."
        )
    with Image.open(path) as opened:
        values = torch.from_numpy(np.array(opened)).float() / 255
    mask = values[..., 3] if values.shape[-1] == 4 else None
    return EntityReference(values[..., :3], mask, source)


def _bytes(values: torch.Tensor) -> np.ndarray:
    return (values.detach().cpu().clamp(0, 1) * 255).round().byte().numpy()


def _path(digest: str) -> Path:
    return Path(folder_paths.get_temp_directory()) / _FOLDER / f"{digest}.png"


class SceneReferences(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="VideoDirectorSceneReferences",
            display_name="Scene References",
            category=f"{sockets.CATEGORY}/references",
            description="Gives the pictures of one scene's entities. Render Plan makes these "
            "nodes, so that a scene is drawn again only when a picture of its own changes.",
            search_aliases=["reference image"],
            is_dev_only=True,
            inputs=[
                io.String.Input(
                    "pictures",
                    default="{}",
                    tooltip="JSON: of each entity the digest of its picture, and its source.",
                )
            ],
            outputs=[
                sockets.EntityReferences.Output(
                    "references", display_name="references", tooltip="The pictures."
                )
            ],
        )

    @classmethod
    def execute(cls, pictures) -> io.NodeOutput:
        try:
            named = {name: (str(one[0]), str(one[1])) for name, one in json.loads(pictures).items()}
        except (ValueError, AttributeError, IndexError, TypeError) as error:
            raise ValueError(
                "Scene References: pictures is not what Render Plan writes there; leave these "
                "nodes to Render Plan, and give pictures with Entity Picture."
            ) from error
        return io.NodeOutput({name: kept(*one) for name, one in named.items()})
