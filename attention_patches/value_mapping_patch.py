"""Value mapping on the host's UNets: the only file of this feature that knows ModelPatcher."""

from dataclasses import dataclass

from comfy.ldm.modules.attention import SpatialTransformer
from comfy.ldm.modules.diffusionmodules.openaimodel import Upsample
from comfy.model_patcher import ModelPatcher
from comfy.patcher_extension import WrappersMP

from .functional.schedule import affected_step
from .functional.value_mapping import (
    ReferenceTable,
    auto_period,
    gather_frames,
    reference_table,
    table_in_window,
)

KEY = "video_director.value_mapping"
LAYERS = ("decoder", "all")
DECODER_RESOLUTIONS = 2  # the scope of the authors' released code: SD1.5 output blocks 6 to 11


@dataclass(frozen=True)
class ValueMapping:
    """Settings of one value mapping.

    period 0 means automatic, percents are of the sampling schedule as everywhere in the host.
    """

    order: str = "rotational"
    period: int = 0
    start_percent: float = 0.0
    end_percent: float = 1.0
    layers: str = "decoder"
    seed: int = 0


def decoder_blocks(unet) -> frozenset[tuple[str, int]]:
    """Output blocks of the two highest resolutions of a UNet that have attention."""
    by_resolution: dict[int, list[int]] = {}
    resolution = 0
    for number, block in enumerate(unet.output_blocks):
        if any(isinstance(layer, SpatialTransformer) for layer in block):
            by_resolution.setdefault(resolution, []).append(number)
        # A ResBlock with updown is the upsampling layer of UNets built with resblock_updown.
        if any(isinstance(layer, Upsample) or getattr(layer, "updown", False) for layer in block):
            resolution += 1
    highest = sorted(by_resolution)[-DECODER_RESOLUTIONS:]
    return frozenset(("output", number) for level in highest for number in by_resolution[level])


def patch_value_mapping(model: ModelPatcher, settings: ValueMapping) -> ModelPatcher:
    """Clone ``model`` with value mapping. Several mappings on one model apply one after another.

    Args:
        model: any model whose denoiser is one of the host's UNets.
        settings: see ValueMapping.

    Raises:
        ValueError: the model is not such a UNet, or a setting is out of range.
    """
    unet = model.get_model_object("diffusion_model")
    if not hasattr(unet, "output_blocks"):
        raise ValueError(
            f"Value Mapping: this model's denoiser is a {type(unet).__name__}, but the mapping "
            "needs a UNet with self-attention (SD1.5, SD2.x, SDXL or the miniature). Connect such "
            "a model, or leave the node out."
        )
    _check(settings)
    blocks = decoder_blocks(unet) if settings.layers == "decoder" else None
    patched = model.clone()
    wrappers = patched.wrappers.get(WrappersMP.APPLY_MODEL, {})
    key = f"{KEY}.{sum(1 for name in wrappers if name and name.startswith(KEY))}"
    patched.add_wrapper_with_key(WrappersMP.APPLY_MODEL, key, _make_step_wrapper(key, settings))
    patched.set_model_attn1_patch(_make_attn1_patch(key, blocks))
    return patched


def _check(settings: ValueMapping) -> None:
    if settings.layers not in LAYERS:
        raise ValueError(
            f"Value Mapping: layers is {settings.layers!r}; use one of {list(LAYERS)}."
        )
    if settings.start_percent >= settings.end_percent:
        raise ValueError(
            f"Value Mapping: start_percent {settings.start_percent} is not below end_percent "
            f"{settings.end_percent}, so no step would be affected; lower the start or raise the "
            "end."
        )


def _make_step_wrapper(key: str, settings: ValueMapping):
    """Around each model call: put the table of that step into the call's own options."""

    def wrapper(executor, x, t, c_concat, c_crossattn, control, transformer_options, **kwargs):
        table = _table_of_call(executor.class_obj, x, t, transformer_options, settings)
        if table is not None:
            transformer_options = {**transformer_options, key: table}
        return executor(x, t, c_concat, c_crossattn, control, transformer_options, **kwargs)

    return wrapper


def _table_of_call(base_model, x, t, transformer_options, settings) -> ReferenceTable | None:
    window = _window_frames(transformer_options, x.shape[0])
    if len(window) < 2:
        return None
    sampling = base_model.model_sampling
    sigma = float(t.max())
    sample_sigmas = transformer_options.get("sample_sigmas")
    step = affected_step(
        sigma,
        [sigma, 0.0] if sample_sigmas is None else sample_sigmas.tolist(),
        start_sigma=float(sampling.percent_to_sigma(settings.start_percent)),
        end_sigma=float(sampling.percent_to_sigma(settings.end_percent)),
    )
    if step is None:
        return None
    frames = max(_clip_length(transformer_options), max(window) + 1)
    period = settings.period or auto_period(step.total, frames)
    table = reference_table(
        settings.order, step.number, frames=frames, period=period, seed=settings.seed
    )
    return table_in_window(table, window)


def _window_frames(transformer_options, batch: int) -> list[int]:
    """Frames of the clip in this call: those of the context window, else all of them."""
    chunks = len(transformer_options["cond_or_uncond"])
    if batch % chunks:
        raise ValueError(
            f"Value Mapping: the model was called with a batch of {batch} for {chunks} conditions, "
            "which is no whole number of frames; a patch before this one changes the batch. Remove "
            "that patch or this one."
        )
    window = transformer_options.get("context_window")
    if window is None:
        return list(range(batch // chunks))
    anchor = getattr(window, "causal_anchor_index", None)
    lead = [anchor] if anchor is not None and anchor >= 0 else []
    return lead + list(window.index_list)


def _clip_length(transformer_options) -> int:
    window = transformer_options.get("context_window")
    return window.total_frames if window is not None else 0


def _make_attn1_patch(key: str, blocks: frozenset[tuple[str, int]] | None):
    """Index the input of keys and values by reference frame, in ``blocks`` (None: everywhere)."""

    def attn1_patch(n, context, value, extra_options):
        table = extra_options.get(key)
        if table is None or (blocks is not None and extra_options.get("block") not in blocks):
            return n, context, value
        if n.shape[0] != len(table) * len(extra_options["cond_or_uncond"]):
            return n, context, value  # attention over time, not over the pixels of a frame
        mapped = gather_frames(context, table)
        return n, mapped, mapped if value is context else gather_frames(value, table)

    return attn1_patch
