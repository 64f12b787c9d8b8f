"""Nodes that turn a scene's prompts into conditioning."""

import logging

from comfy_api.latest import io

from . import sockets
from .frame_conditioning import encode_frames
from .node_text import show_on_node
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
        show_on_node(cls.hidden, warning)
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
    groups = clip.tokenizer.known_words.items()
    known = "; ".join(f"{group}: {', '.join(words)}" for group, words in groups)
    return f"the miniature never saw: {', '.join(unknown)}. It knows {known}."
