"""Value mapping on the host's UNets: its settings, and what they mean in each call of the model."""

from dataclasses import dataclass

from comfy.model_patcher import ModelPatcher
from comfy.patcher_extension import WrappersMP

from .frame_slices_patch import FIRST_KEY
from .functional.filtering import AS_PUBLISHED, DUAL_SOFTMAX, FORMS
from .functional.schedule import AffectedStep, affected_step
from .functional.value_mapping import (
    ReferenceTable,
    auto_period,
    reference_table,
    table_in_window,
)
from .mapped_attention_patch import KEY, MappingCall, choose_context, mapped_attention
from .unet_blocks_patch import DECODER, Block, chosen_blocks, host_unet


@dataclass(frozen=True)
class ValueMapping:
    """Settings of one value mapping.

    order: a key of functional.value_mapping.ORDERS.
    period: sampling steps each frame leads; 0 means automatic.
    start_percent, end_percent: of the sampling schedule, as everywhere in the host.
    layers: "decoder", "all", or a list of the UNet's blocks such as "output 5, middle 0".
    seed: of the order "random".
    filter_share: φ of dual-softmax filtering, the share of tokens that stay unmapped; 0 is none.
    filter_form: see functional.filtering.
    """

    order: str = "rotational"
    period: int = 0
    start_percent: float = 0.0
    end_percent: float = 1.0
    layers: str = DECODER
    seed: int = 0
    filter_share: float = 0.0
    filter_form: str = DUAL_SOFTMAX


def patch_value_mapping(model: ModelPatcher, settings: ValueMapping) -> ModelPatcher:
    """Clone ``model`` with value mapping.

    Where several mappings on one model affect the same step and block, the one added last counts.

    Args:
        model: any model whose denoiser is one of the host's UNets.
        settings: see ValueMapping.

    Raises:
        ValueError: the model is not such a UNet, a setting is out of range, or filtering meets
            another pack's replacement of the same self-attention.
    """
    unet = host_unet(model, "Value Mapping")
    _check(settings)
    blocks = chosen_blocks(unet, settings.layers, "Value Mapping")
    patched = model.clone()
    earlier = [wrapper.mappings for wrapper in patched.get_wrappers(WrappersMP.APPLY_MODEL, KEY)]
    patched.remove_wrappers_with_key(WrappersMP.APPLY_MODEL, KEY)
    mappings = (*(earlier[0] if earlier else ()), (settings, blocks))
    patched.add_wrapper_with_key(WrappersMP.APPLY_MODEL, KEY, _CallPlanner(mappings))
    options = patched.model_options["transformer_options"]
    if choose_context not in options.get("patches", {}).get("attn1_patch", []):
        patched.set_model_attn1_patch(choose_context)
    taken = _taken_blocks(options)
    if settings.filter_share > 0:
        _refuse_taken(blocks & taken)
    for block in blocks - taken:
        patched.set_model_attn1_replace(mapped_attention, *block)
    return patched


def _check(settings: ValueMapping) -> None:
    if settings.start_percent >= settings.end_percent:
        raise ValueError(
            f"Value Mapping: start_percent {settings.start_percent} is not below end_percent "
            f"{settings.end_percent}, so no step would be affected; lower the start or raise the "
            "end."
        )
    if not 0.0 <= settings.filter_share <= 1.0:
        raise ValueError(
            f"Value Mapping: filter_share is {settings.filter_share}; it is a share, from 0 (no "
            "filtering) to 1 (only the most confident token is mapped)."
        )
    if settings.filter_form not in FORMS:
        raise ValueError(
            f"Value Mapping: filter_form is {settings.filter_form!r}; use one of {list(FORMS)}."
        )
    if settings.filter_form == AS_PUBLISHED and settings.order == "first+previous":
        raise ValueError(
            f"Value Mapping: the filter form {AS_PUBLISHED!r} compares each token with the one in "
            "its place in a single reference frame, and the order 'first+previous' has two; use "
            f"{DUAL_SOFTMAX!r} or another order."
        )


def _taken_blocks(transformer_options) -> frozenset[Block]:
    """Blocks whose self-attention another pack computes."""
    replaced = transformer_options.get("patches_replace", {}).get("attn1", {})
    return frozenset(
        block[:2] for block, patch in replaced.items() if patch is not mapped_attention
    )


def _refuse_taken(blocks: frozenset[Block]) -> None:
    if blocks:
        names = ", ".join(f"{name} {number}" for name, number in sorted(blocks))
        raise ValueError(
            f"Value Mapping: another node replaces the self-attention of {names}, and filtering "
            "needs it too. Remove that node, set filter_share to 0, or choose other layers."
        )


class _CallPlanner:
    """Around each model call: put what is mapped at its step into the call's own options."""

    def __init__(self, mappings: tuple[tuple[ValueMapping, frozenset[Block]], ...]) -> None:
        self.mappings = mappings

    def __call__(
        self, executor, x, t, c_concat, c_crossattn, control, transformer_options, **kwargs
    ):
        window = _window_frames(transformer_options, x.shape[0])
        calls = []
        if len(window) > 1:
            for settings, blocks in self.mappings:
                step = _step(executor.class_obj, t, transformer_options, settings)
                if step is not None:
                    table = _table(settings, step, window, _clip_length(transformer_options))
                    calls.append(_call(settings, blocks, table, transformer_options))
        if calls:
            transformer_options = {
                **transformer_options,
                KEY: tuple(reversed(calls)),
                FIRST_KEY: {other for call in calls for row in call.table for other in row},
            }
        return executor(x, t, c_concat, c_crossattn, control, transformer_options, **kwargs)


def _call(
    settings: ValueMapping,
    blocks: frozenset[Block],
    table: ReferenceTable,
    transformer_options,
) -> MappingCall:
    taken = _taken_blocks(transformer_options)
    if settings.filter_share > 0:
        _refuse_taken(blocks & taken)
    # A patch that follows ours expects keys and values of every frame, so it gets them.
    last = transformer_options["patches"]["attn1_patch"][-1] is choose_context
    return MappingCall(
        table=table,
        blocks=blocks,
        ours=blocks - taken if last else frozenset(),
        share=settings.filter_share,
        form=settings.filter_form,
    )


def _step(base_model, t, transformer_options, settings: ValueMapping) -> AffectedStep | None:
    sampling = base_model.model_sampling
    sigma = float(t.max())
    sample_sigmas = transformer_options.get("sample_sigmas")
    return affected_step(
        sigma,
        [sigma, 0.0] if sample_sigmas is None else sample_sigmas.tolist(),
        start_sigma=float(sampling.percent_to_sigma(settings.start_percent)),
        end_sigma=float(sampling.percent_to_sigma(settings.end_percent)),
    )


def _table(
    settings: ValueMapping, step: AffectedStep, window: list[int], clip_length: int
) -> ReferenceTable:
    frames = max(clip_length, max(window) + 1)
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
