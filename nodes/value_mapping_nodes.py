"""The node that ties the frames of one batch together."""

from comfy_api.latest import io

from ..attention_patches.functional.value_mapping import ORDERS
from ..attention_patches.value_mapping_patch import LAYERS, ValueMapping, patch_value_mapping
from . import sockets

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
            options=list(LAYERS),
            default=LAYERS[0],
            tooltip="decoder = the two highest resolutions of the decoder that have attention, as "
            "the authors do; all = every self-attention.",
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
                io.Int.Input(
                    "seed",
                    default=0,
                    min=0,
                    max=0xFFFFFFFFFFFFFFFF,
                    control_after_generate=False,
                    tooltip="Of the order 'random'; the others do not use it.",
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
        cls, model, order, period, start_percent, end_percent, layers, seed
    ) -> io.NodeOutput:
        settings = ValueMapping(order, period, start_percent, end_percent, layers, seed)
        return io.NodeOutput(patch_value_mapping(model, settings))
