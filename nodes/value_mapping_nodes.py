"""Nodes for the frames of one batch: what ties them together, and how many are drawn at a time."""

from comfy_api.latest import io

from ..attention_patches.frame_slices_patch import patch_frames_per_pass
from ..attention_patches.functional.filtering import DUAL_SOFTMAX, FORMS, MEASURED_SHARE
from ..attention_patches.functional.value_mapping import ORDERS
from ..attention_patches.unet_blocks_patch import ALL, DECODER
from ..attention_patches.value_mapping_patch import ValueMapping, patch_value_mapping
from . import sockets
from .sampling_inputs import seed_input

CATEGORY = f"{sockets.CATEGORY}/model"


def mapping_inputs(prefix: str = "", off: bool = False) -> list:
    """The widgets of value mapping, for this node and for those that include it.

    Args:
        prefix: put before every input id.
        off: offer not to map at all.
    """
    orders = list(ORDERS)
    return [
        io.Combo.Input(
            prefix + "order",
            options=orders + ["off"] if off else orders,
            default=orders[0],
            tooltip="Whose keys and values all frames attend to: rotational = each frame leads in "
            "turn (DirecT2V); first = the first frame (Text2Video-Zero); first+previous = both "
            "(Tune-A-Video); random = one drawn at every step.",
        ),
        io.Int.Input(
            prefix + "period",
            default=0,
            min=0,
            max=10000,
            tooltip="Sampling steps each frame leads before the next (rotational only). 0 chooses "
            "it so that every frame leads about three times.",
        ),
        io.Float.Input(
            prefix + "start_percent",
            default=0.0,
            min=0.0,
            max=1.0,
            step=0.01,
            tooltip="Where in the sampling schedule the mapping begins.",
            advanced=True,
        ),
        io.Float.Input(
            prefix + "end_percent",
            default=1.0,
            min=0.0,
            max=1.0,
            step=0.01,
            tooltip="Where in the sampling schedule the mapping ends.",
            advanced=True,
        ),
        io.Combo.Input(
            prefix + "layers",
            options=[DECODER, ALL],
            default=DECODER,
            tooltip="decoder = the two highest resolutions of the decoder that have attention, as "
            "the authors do; all = every self-attention.",
            advanced=True,
        ),
    ]


def filter_inputs(prefix: str = "") -> list:
    """The widgets of dual-softmax filtering; optional, so that earlier workflows still run."""
    return [
        io.Float.Input(
            prefix + "filter_share",
            default=MEASURED_SHARE,
            min=0.0,
            max=1.0,
            step=0.01,
            optional=True,
            tooltip="Dual-softmax filtering: the share of tokens, those with the least reliable "
            "match in the reference frame, that keep their own attention. 0 filters nothing.",
        ),
        io.Combo.Input(
            prefix + "filter_form",
            options=list(FORMS),
            default=DUAL_SOFTMAX,
            optional=True,
            tooltip="dual_softmax finds content that moved. as_published is the authors' formula "
            "as printed and released, which rewards content that stays in place.",
            advanced=True,
        ),
    ]


class ValueMappingNode(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="VideoDirectorValueMapping",
            display_name="Value Mapping",
            category=CATEGORY,
            description="Makes the frames of one batch look alike: in self-attention, all frames "
            "take keys and values from a reference frame, which rotates during sampling.",
            search_aliases=[
                "cross-frame attention",
                "RVM",
                "rotational value mapping",
                "DirecT2V",
                "Text2Video-Zero",
                "temporal consistency",
            ],
            inputs=[
                io.Model.Input("model", tooltip="A model with a UNet: SD1.5, SD2.x, SDXL, ..."),
                *mapping_inputs(),
                seed_input(
                    "seed",
                    "Of the order 'random'; the others do not use it.",
                    changes=False,
                    advanced=True,
                ),
                *filter_inputs(),
                io.String.Input(
                    "blocks",
                    default="",
                    optional=True,
                    tooltip="Instead of layers: a list of the UNet's blocks with self-attention, "
                    "such as 'output 3, output 4, middle 0'. A wrong name is answered with those "
                    "that this model has.",
                    advanced=True,
                ),
            ],
            outputs=[
                io.Model.Output(
                    "model", display_name="model", tooltip="The model with the mapping."
                )
            ],
        )

    @classmethod
    def execute(
        cls,
        model,
        order,
        period,
        start_percent,
        end_percent,
        layers,
        seed,
        filter_share=MEASURED_SHARE,
        filter_form=DUAL_SOFTMAX,
        blocks="",
    ) -> io.NodeOutput:
        settings = ValueMapping(
            order,
            period,
            start_percent,
            end_percent,
            blocks.strip() or layers,
            seed,
            filter_share,
            filter_form,
        )
        return io.NodeOutput(patch_value_mapping(model, settings))


class FramesPerPass(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="VideoDirectorFramesPerPass",
            display_name="Frames Per Pass",
            category=CATEGORY,
            description="For clips longer than memory allows: at every step the model draws a few "
            "frames at a time. With Value Mapping the result is that of all frames at once.",
            search_aliases=["long video", "out of memory", "OOM", "chunks", "batch slices", "VRAM"],
            inputs=[
                io.Model.Input("model", tooltip="A model with a UNet: SD1.5, SD2.x, SDXL, ..."),
                io.Int.Input(
                    "frames_per_pass",
                    default=16,
                    min=1,
                    max=4096,
                    tooltip="Most frames that are in the model at once. Fewer need less memory.",
                ),
            ],
            outputs=[
                io.Model.Output(
                    "model", display_name="model", tooltip="The model that takes frames in turn."
                )
            ],
        )

    @classmethod
    def execute(cls, model, frames_per_pass) -> io.NodeOutput:
        return io.NodeOutput(patch_frames_per_pass(model, frames_per_pass))
