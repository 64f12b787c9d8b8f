"""Nodes that Render Plan makes for scenes in a run folder: kept there, or read from there."""

import time

from comfy_api.latest import io

from ..host.provenance import machine
from ..rendering.clip_files import SUFFIXES, write_clip
from ..rendering.clip_frames import ClipError
from ..rendering.clip_latents import write_latents
from ..rendering.manifest import pack_version
from ..rendering.run_errors import RunFolderError
from ..rendering.run_folder import RunFolder
from ..rendering.take_clips import CLIP, open_take
from . import sockets
from .keeping import WAIT, run_path
from .kept_frames import KeptFrames
from .node_text import show_on_node
from .run_pictures import show_take
from .save_scene_nodes import interruptible

CATEGORY = f"{sockets.CATEGORY}/render"
FORMAT = "ffv1"
LATENTS = "frames.latent"  # the ending that the host's Load Latent looks for
KEEP, KEPT = "Keep Scene", "Kept Scene"


def _folder_inputs() -> list:
    return [
        io.String.Input(
            "run_folder", default="", tooltip="The run folder below the output folder."
        ),
        io.String.Input("hash", default="", tooltip="Names all that the scene's pixels come from."),
    ]


def _clips_input() -> io.Input:
    return sockets.SceneClips.Input("clips", optional=True, tooltip="The scenes shown before it.")


def _clips_output() -> io.Output:
    return sockets.SceneClips.Output(
        "clips", display_name="clips", tooltip="The scenes so far, this one last."
    )


class KeepScene(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="VideoDirectorKeepScene",
            display_name=KEEP,
            category=CATEGORY,
            description="Writes a rendered scene into a run folder, whole or not at all, and gives "
            "it on from there. Render Plan makes these nodes.",
            search_aliases=["run folder", "resume", "checkpoint"],
            is_dev_only=True,
            inputs=[
                io.Image.Input("images", tooltip="The rendered frames of the scene."),
                sockets.Scene.Input("scene", tooltip="The scene they belong to."),
                *_folder_inputs(),
                io.Int.Input(
                    "seed",
                    default=0,
                    min=0,
                    max=0xFFFFFFFFFFFFFFFF,
                    tooltip="Of the noise it came from.",
                ),
                _clips_input(),
                io.Latent.Input(
                    "latents", optional=True, tooltip="To be kept beside the frames they became."
                ),
            ],
            outputs=[_clips_output()],
            hidden=[io.Hidden.unique_id, io.Hidden.dynprompt],
        )

    @classmethod
    def fingerprint_inputs(cls, **_):
        return float("nan")  # the file may be gone although nothing in the graph has changed

    @classmethod
    def execute(
        cls, images, scene, run_folder, hash, seed, clips=None, latents=None
    ) -> io.NodeOutput:
        frames, height, width = (int(size) for size in images.shape[:3])
        facts = {"frames": frames, "fps": float(scene.fps), "width": width, "height": height}
        facts |= {"seed": seed, "versions": {"pack": pack_version()}, "machine": machine()}
        name = scene.scene.id
        try:
            run = RunFolder.open(run_path(run_folder), create=True)
            with run.lock(WAIT):
                with run.new_take(name, hash, expected_bytes=images.nbytes // 4, **facts) as place:
                    write_clip(
                        place / f"{CLIP}{SUFFIXES[FORMAT]}",
                        interruptible(images),
                        FORMAT,
                        scene.fps,
                    )
                    if latents is not None:
                        write_latents(place / LATENTS, latents["samples"])
                number = run.takes(name)[-1].number
                chosen = run.manifest.scenes[name].chosen
                clip = open_take(run.take_folder(name, number), name)
        except (RunFolderError, ClipError, OSError) as error:
            raise ValueError(f"{KEEP}: {error}") from error
        stays = f"; take {chosen} stays the chosen one" if chosen else ""
        when = time.strftime("%H:%M")
        show_on_node(cls.hidden, f"scene {name} is kept as take {number}, {when}{stays}")
        show_take(cls.hidden, name, number)
        kept = sockets.SceneClip(name, KeptFrames(clip), scene.fps)
        return io.NodeOutput([*(clips or []), kept])


class KeptScene(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="VideoDirectorKeptScene",
            display_name=KEPT,
            category=CATEGORY,
            description="Gives a scene that is in a run folder already. Render Plan makes these "
            "nodes.",
            search_aliases=["run folder", "resume", "load scene"],
            is_dev_only=True,
            inputs=[
                *_folder_inputs(),
                io.String.Input("scene_id", default="", tooltip="The scene's id."),
                io.Int.Input("take", default=1, min=1, max=999_999, tooltip="Which take of it."),
                io.Int.Input(
                    "fps", default=8, min=1, max=120, tooltip="The plan's frames per second."
                ),
                _clips_input(),
            ],
            outputs=[_clips_output()],
        )

    @classmethod
    def execute(cls, run_folder, hash, scene_id, take, fps, clips=None) -> io.NodeOutput:
        try:
            run = RunFolder.open(run_path(run_folder))
            known = {one.number: one.hash for one in run.takes(scene_id)}
            if known.get(take) != hash:
                raise RunFolderError(
                    f"scene {scene_id} has no such take {take} any more; queue the workflow again"
                )
            clip = open_take(run.take_folder(scene_id, take), scene_id)
        except (RunFolderError, ClipError) as error:
            raise ValueError(f"{KEPT}: {error}") from error
        return io.NodeOutput([*(clips or []), sockets.SceneClip(scene_id, KeptFrames(clip), fps)])
