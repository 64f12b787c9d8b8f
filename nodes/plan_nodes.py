"""Nodes that read, write and show video plans."""

import hashlib

import numpy as np
import torch
from comfy_api.latest import io, ui

from ..planning import plan_io
from ..planning.lint import lint_plan, notes_text
from ..planning.readers import Settings
from ..planning.replies import read_reply
from ..planning.schema import MAX_FPS, MAX_FRAMES, PlanError
from ..rendering.clip_frames import ClipError
from ..rendering.storyboard import draw_storyboard
from . import plan_files, sockets
from .node_text import show_on_node
from .storyboard_nodes import plan_pictures

CATEGORY = f"{sockets.CATEGORY}/plan"


class LoadPlan(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="VideoDirectorLoadPlan",
            display_name="Load Plan",
            category=CATEGORY,
            description="Reads a video plan from ComfyUI's input or output folder, again whenever "
            "the file changes.",
            search_aliases=["open plan", "import plan", "plan file", "storyboard"],
            inputs=[
                io.Combo.Input(
                    "file",
                    options=plan_files.list_plan_files(),
                    tooltip="A .json plan in the input folder, or in the output folder where "
                    "marked [output].",
                ),
            ],
            outputs=[sockets.Plan.Output("plan", display_name="plan", tooltip="The video plan.")],
        )

    @classmethod
    def validate_inputs(cls, file):
        if file is None:  # comes through a link
            return True
        try:
            plan_files.readable_plan_file(file)
        except ValueError as error:
            return f"Load Plan: {error}."
        return True

    @classmethod
    def fingerprint_inputs(cls, file):
        if file is None:
            return float("nan")
        return hashlib.sha256(plan_files.readable_plan_file(file).read_bytes()).hexdigest()

    @classmethod
    def execute(cls, file) -> io.NodeOutput:
        try:
            path = plan_files.readable_plan_file(file)
            return io.NodeOutput(plan_io.load(path))
        except (ValueError, OSError) as error:  # PlanError is a ValueError
            raise ValueError(f"Load Plan: {file!r} cannot be used: {error}") from error


class ParsePlan(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="VideoDirectorParsePlan",
            display_name="Parse Plan",
            category=CATEGORY,
            description="Reads a video plan from text: this pack's JSON, the text formats that "
            "DirecT2V, VideoDirectorGPT, VideoStudio and LVD make language models write, or an "
            "answer to Planner Prompt's question; chatter around it does not matter.",
            search_aliases=["plan from text", "json to plan", "paste plan", "llm reply"],
            inputs=[
                io.String.Input(
                    "text",
                    multiline=True,
                    tooltip="The plan's text. Every mistake found is named in the error.",
                ),
                *_settings_inputs(),
            ],
            outputs=[sockets.Plan.Output("plan", display_name="plan", tooltip="The video plan.")],
        )

    @classmethod
    def execute(cls, text, frames=16, fps=8, width=512, height=512) -> io.NodeOutput:
        settings = Settings(frames=frames, fps=fps, width=width, height=height)
        try:
            return io.NodeOutput(read_reply(text, settings))
        except PlanError as error:
            raise ValueError(f"Parse Plan: the text is no usable plan: {error}") from error


def _settings_inputs() -> list:
    limits = {"frames": (1, MAX_FRAMES, 1), "fps": (1, MAX_FPS, 1)}
    limits |= dict.fromkeys(("width", "height"), (64, 8192, 8))
    return [
        io.Int.Input(
            name,
            default=getattr(Settings(), name),
            min=low,
            max=high,
            step=step,
            optional=True,
            advanced=True,
            tooltip=f"The {name} where the text does not say it, as in the papers' formats.",
        )
        for name, (low, high, step) in limits.items()
    ]


class SavePlan(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="VideoDirectorSavePlan",
            display_name="Save Plan",
            category=CATEGORY,
            description="Writes a video plan as a JSON file into ComfyUI's output folder, to be "
            "edited and loaded again.",
            search_aliases=["export plan", "plan to file", "write json"],
            is_output_node=True,
            inputs=[
                sockets.Plan.Input("plan", tooltip="The plan to write."),
                io.String.Input(
                    "filename_prefix",
                    default="plans/plan",
                    tooltip="Folder and name below the output folder; a number is added.",
                ),
            ],
            outputs=[],
            hidden=[io.Hidden.unique_id, io.Hidden.dynprompt],
        )

    @classmethod
    def execute(cls, plan, filename_prefix) -> io.NodeOutput:
        try:
            path, name, subfolder = plan_files.new_plan_file(filename_prefix)
        except ValueError as error:
            raise ValueError(f"Save Plan: {error}.") from error
        plan_io.save(plan, path)
        saved = ui.SavedResult(name, subfolder, io.FolderType.output)
        text = f"{subfolder}/{name}" if subfolder else name
        show_on_node(cls.hidden, text)
        return io.NodeOutput(ui={"plans": [saved], "text": [text]})


class PreviewPlan(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="VideoDirectorPreviewPlan",
            display_name="Preview Plan",
            category=CATEGORY,
            description="Draws the storyboard of a plan: its scenes side by side, boxes with names "
            "over the first, middle and last frame, and the camera's way. It tells what will "
            "hardly look as wished.",
            search_aliases=["storyboard", "show plan", "layout preview", "draw boxes"],
            is_output_node=True,
            inputs=[
                sockets.Plan.Input("plan", tooltip="The plan to draw."),
                sockets.SceneClips.Input(
                    "clips",
                    optional=True,
                    tooltip="Rendered scenes, shown beneath the boxes; scenes without are drawn "
                    "plain.",
                ),
            ],
            outputs=[
                io.Image.Output(
                    "storyboard", display_name="storyboard", tooltip="The drawn storyboard."
                )
            ],
            hidden=[io.Hidden.unique_id, io.Hidden.dynprompt],
        )

    @classmethod
    def execute(cls, plan, clips=None) -> io.NodeOutput:
        try:
            drawn = draw_storyboard(plan, plan_pictures(plan, clips or []))
        except ClipError as error:
            raise ValueError(f"Preview Plan: {error}.") from error
        pixels = np.asarray(drawn, dtype=np.float32) / 255.0
        image = torch.from_numpy(pixels)[None]  # 1 h w c
        show_on_node(cls.hidden, notes_text(lint_plan(plan)))
        return io.NodeOutput(image, ui=ui.PreviewImage(image, cls=cls))
