"""Nodes that turn a scene's prompts into conditioning."""

import logging

from comfy_api.latest import io
from server import PromptServer

from . import sockets
from .frame_conditioning import encode_frames
from .scene_nodes import CATEGORY, frame_prompts

logger = logging.getLogger(__name__)


class EncodeFramePrompts(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="VideoDirectorEncodeFramePrompts",
            display_name="Encode Frame Prompts",
            category=CATEGORY,
            description="Encodes a prompt for every frame of a scene into one conditioning, so "
            "that all frames are sampled in one batch, each after its own prompt.",
            search_aliases=["clip text encode batch", "prompt schedule", "prompt travel"],
            inputs=[
                io.Clip.Input("clip", tooltip="The model's text encoder."),
                sockets.Scene.Input("scene", tooltip="The scene whose prompts are encoded."),
            ],
            outputs=[
                io.Conditioning.Output(
                    "conditioning",
                    display_name="conditioning",
                    tooltip="One row per frame; sample it with as many latents.",
                )
            ],
            hidden=[io.Hidden.unique_id, io.Hidden.dynprompt],
        )

    @classmethod
    def execute(cls, clip, scene) -> io.NodeOutput:
        if clip is None:
            raise ValueError(
                "Encode Frame Prompts: the clip input is None; connect the CLIP of a checkpoint "
                "that has a text encoder, or load one with a CLIP loader."
            )
        prompts = frame_prompts(scene)
        try:
            conditioning = encode_frames(
                lambda text: clip.encode_from_tokens_scheduled(clip.tokenize(text)), prompts
            )
        except ValueError as error:
            raise ValueError(f"Encode Frame Prompts: scene {scene.scene.id!r}: {error}.") from error
        warning = unknown_words_warning(clip, prompts)
        if not warning:
            return io.NodeOutput(conditioning)
        logger.warning("Encode Frame Prompts: scene %s: %s", scene.scene.id, warning)
        _show_on_node(cls.hidden, warning)
        return io.NodeOutput(conditioning, ui={"text": [warning]})


def unknown_words_warning(clip, prompts: list[str]) -> str:
    """Name the words that an encoder with a small vocabulary never saw; "" when there are none.

    The miniature's tokenizer says which words it knows; others know all words and say nothing.
    """
    unknown_words = getattr(clip.tokenizer, "unknown_words", None)
    if unknown_words is None:
        return ""
    unknown = list(dict.fromkeys(word for text in prompts for word in unknown_words(text)))
    if not unknown:
        return ""
    known = ", ".join(sorted(clip.tokenizer.known_words))
    return f"the miniature never saw: {', '.join(unknown)}. Words it knows: {known}."


def _show_on_node(hidden, text: str) -> None:
    server = getattr(PromptServer, "instance", None)  # absent outside a running server
    if server is not None and hidden.unique_id:
        node = hidden.unique_id
        # An expanded node is not on the canvas; its words belong on the node it came from.
        shown = hidden.dynprompt.get_display_node_id(node) if hidden.dynprompt else node
        server.send_progress_text(text, shown)
