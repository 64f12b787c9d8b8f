"""Nodes that make one video of rendered scenes."""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import folder_paths
import torch
from comfy_api.latest import InputImpl, Types, io
from torch import Tensor

from ..planning.schema import MAX_FPS, MAX_FRAMES
from ..rendering.clip_frames import Clip, ClipError, clip_in_memory, exact_rate
from ..rendering.join_transitions import CUT, TRANSITIONS, joined_frames, joined_length
from ..rendering.joining import check_sizes, common_rate, join_clips
from . import sockets
from .expansion import output_is_used
from .film_strips import clips_strip, is_serving, strip_ui
from .kept_frames import KeptFrames
from .sockets import SceneClip

CATEGORY = f"{sockets.CATEGORY}/render"
TRANSITION_FRAMES = 8


class JoinScenes(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="VideoDirectorJoinScenes",
            display_name="Join Scenes",
            category=CATEGORY,
            description="Puts the scenes one after another into one video, and shows them as a "
            "film strip.",
            has_intermediate_output=True,  # the strip is told of again when all is in the cache
            search_aliases=[
                "concatenate",
                "merge scenes",
                "combine video",
                "create video",
                "cross-fade",
                "transition",
            ],
            inputs=[
                sockets.SceneClips.Input("clips", tooltip="The rendered scenes, in order."),
                io.Float.Input(
                    "fps",
                    default=0.0,
                    min=0.0,
                    max=float(MAX_FPS),
                    step=1.0,
                    tooltip="Frames per second. 0 takes the plan's.",
                ),
                *_transition_inputs(),
                io.Audio.Input(
                    "audio",
                    optional=True,
                    tooltip="What is heard; cut, or filled with silence, to the video's length.",
                ),
            ],
            outputs=[
                io.Image.Output(
                    "images", display_name="images", tooltip="All frames, one after another."
                ),
                io.Video.Output("video", display_name="video", tooltip="The same as a video."),
            ],
            hidden=[io.Hidden.unique_id, io.Hidden.dynprompt],
        )

    @classmethod
    def execute(
        cls, clips, fps, transition=CUT, transition_frames=TRANSITION_FRAMES, audio=None
    ) -> io.NodeOutput:
        if not clips:
            raise ValueError(
                "Join Scenes: there are no scenes; connect Render Plan or Collect Scene."
            )
        try:
            if _in_files(clips) and not output_is_used(cls.hidden, 0):
                video = _joined_file(clips, fps, transition, transition_frames, audio)
                return io.NodeOutput(None, video, ui=_strip_of(clips))
            images, rate = join_images(clips, fps, transition, transition_frames)
        except ClipError as error:
            raise ValueError(f"Join Scenes: {error}.") from error
        if audio is not None:
            audio = fitted_audio(audio, len(images) / rate)
        components = Types.VideoComponents(images=images, audio=audio, frame_rate=rate)
        video = InputImpl.VideoFromComponents(components)
        return io.NodeOutput(images, video, ui=_strip_of(clips))


def _strip_of(clips: Sequence[SceneClip]) -> dict | None:
    return strip_ui(clips_strip(clips), clips) if is_serving() else None


def _transition_inputs() -> list:
    return [
        io.Combo.Input(
            "transition",
            options=list(TRANSITIONS),
            default=CUT,
            optional=True,
            tooltip="How a scene gives way to the next: at once, by fading one into the other, by "
            "going down to black and up again, or after its last frame has stood still.",
        ),
        io.Int.Input(
            "transition_frames",
            default=TRANSITION_FRAMES,
            min=0,
            max=MAX_FRAMES,
            optional=True,
            tooltip="How many frames a transition takes, on each side for dip_to_black. A cut does "
            "not look at it.",
        ),
    ]


def _in_files(clips: Sequence[SceneClip]) -> bool:
    return all(isinstance(clip.images, KeptFrames) for clip in clips)


def _joined_file(
    clips: Sequence[SceneClip], fps: float, transition: str, length: int, audio: dict | None
) -> InputImpl.VideoFromFile:
    """Scenes of a run folder as one video in the host's temporary folder, frame by frame."""
    path = Path(folder_paths.get_temp_directory(), f"joined-{secrets.token_hex(8)}.mp4")
    # The plan's rate, which may have changed since a scene was kept, is that of the clip.
    scenes = [replace(clip.images.clip, fps=exact_rate(clip.fps)) for clip in clips]
    join_clips(
        scenes,
        path,
        transition=transition,
        transition_frames=length,
        fps=fps or None,
        audio=audio,
    )
    return InputImpl.VideoFromFile(str(path))


def join_images(
    clips: Sequence[SceneClip], fps: float, transition: str, length: int
) -> tuple[Tensor, Fraction]:
    """Frames of all clips, (f h w c), and frames per second.

    Args:
        clips: the scenes in order.
        fps: frames per second; 0 takes the scenes' own.
        transition: one of TRANSITIONS.
        length: frames of a transition.

    Raises:
        ClipError: they differ in size or rate, or are too short.
    """
    scenes = [clip_in_memory(clip.scene_id, clip.images, clip.fps) for clip in clips]
    rate = common_rate(scenes, fps or None)
    check_sizes(scenes)
    return _filled(scenes, transition, length), rate


def _filled(scenes: Sequence[Clip], transition: str, length: int) -> Tensor:
    frames = joined_frames(scenes, transition, length)
    # Filled in place, as a list of all frames would hold every blended one twice.
    first = scenes[0]
    size = (first.height, first.width, first.channels)
    images = torch.empty((joined_length(scenes, transition, length), *size))
    for place, frame in enumerate(frames):
        images[place] = frame
    return images


def fitted_audio(audio: dict, seconds: Fraction) -> dict:
    """The host's AUDIO, cut or filled with silence to a length.

    Args:
        audio: {"waveform": (b c n), "sample_rate": samples per second}.
        seconds: how long it is to be.
    """
    waveform = audio["waveform"]
    samples = round(seconds * audio["sample_rate"])
    missing = max(0, samples - waveform.shape[-1])
    fitted = torch.nn.functional.pad(waveform[..., :samples], (0, missing))
    return {**audio, "waveform": fitted}
