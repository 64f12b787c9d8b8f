"""Reference attention through the host's own samplers, against diffusers' IP-Adapter."""

from dataclasses import replace

import comfy.model_patcher
import comfy.utils
import pytest
import torch
from diffusers import UNet2DConditionModel
from diffusers.image_processor import IPAdapterMaskProcessor
from diffusers.models.attention_processor import IPAdapterAttnProcessor2_0
from video_director.attention_patches.frame_slices_patch import patch_frames_per_pass
from video_director.attention_patches.reference_checkpoints import read_references
from video_director.attention_patches.reference_modules import (
    GlobalTokens,
    KeysValues,
    LocalTokens,
    Resampler,
)
from video_director.attention_patches.reference_patch import (
    CROSS_FIRST,
    PICTURES,
    Strengths,
    patch_references,
)
from video_director.attention_patches.reference_run import FrameReferences
from video_director.attention_patches.unet_blocks_patch import transformers
from video_director.attention_patches.value_mapping_patch import ValueMapping, patch_value_mapping

from .conftest import UNET
from .tiny_runs import (
    FRAMES,
    assert_differs,
    assert_same,
    conditioning,
    sample,
    split_conditions,
    use_windows,
)

CONTEXT, EMBEDDING = 64, 48
CPU = torch.device("cpu")
WHOLE = (0.0, 0.0, 1.0, 1.0)
NOWHERE = (0.0, 0.0, 0.0, 0.0)
LEFT, RIGHT = (0.0, 0.0, 0.5, 1.0), (0.5, 0.0, 1.0, 1.0)
BOTH = Strengths(0.7, 0.4)


def random(shape, seed):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def state_of(model, projection, *, background=False):
    """A checkpoint of IP-Adapter's layout with random weights for every block of a UNet."""
    state = {f"image_proj.{name}": value for name, value in projection.state_dict().items()}
    for number, block in enumerate(transformers(model.model.diffusion_model).values()):
        width = block.norm1.weight.shape[0]
        for key, value in KeysValues(CONTEXT, width, background).state_dict().items():
            state[f"ip_adapter.{2 * number + 1}.{key}"] = value
    return {
        key: random(value.shape, number) * (2.0 * value[0].numel() ** -0.5 if value.ndim > 1 else 1)
        for number, (key, value) in enumerate(state.items())
    }


def patcher_of(state):
    model = read_references(state, "test")
    return comfy.model_patcher.ModelPatcher(model, load_device=CPU, offload_device=CPU)


@pytest.fixture
def state(tiny_model):
    return state_of(tiny_model, LocalTokens(CONTEXT), background=True)


@pytest.fixture
def patcher(state):
    return patcher_of(state)


def told(boxes=((WHOLE,),), *, background=True, regional=False, tokens=5, seed=3):
    """References of a clip; ``boxes`` has a row per frame, or one for all."""
    pictures = len(boxes[0])
    return FrameReferences(
        random((1, pictures, tokens, CONTEXT), seed),
        torch.ones(pictures),
        torch.tensor(boxes).view(len(boxes), pictures, 4),
        random((1, tokens, CONTEXT), seed + 1) if background else None,
        1.0,
        random((tokens, CONTEXT), seed + 2),
        regional,
    )


def positive(references, frames=FRAMES):
    return [[text, {**more, PICTURES: references}] for text, more in conditioning(frames, 2)]


def diffusers_unet(model):
    """The same UNet, weight by weight, of diffusers' class."""
    unet = UNet2DConditionModel(
        block_out_channels=(32, 64, 64),
        layers_per_block=1,
        cross_attention_dim=CONTEXT,
        attention_head_dim=4,
        down_block_types=("CrossAttnDownBlock2D",) * 3,
        up_block_types=("CrossAttnUpBlock2D",) * 3,
    )
    ours = model.model.diffusion_model.state_dict()
    names = comfy.utils.unet_to_diffusers({**UNET, "num_res_blocks": [1, 1, 1]})
    unet.load_state_dict({theirs: ours[own] for theirs, own in names.items() if own in ours})
    return unet.eval()


def nested(state):
    groups = {"image_proj": {}, "ip_adapter": {}}
    for key, value in state.items():
        group, _, name = key.partition(".")
        groups[group][name] = value
    return groups


def ours_once(model, patched, references, x, t, context):
    """One call of the patched UNet, as a sampling would make it."""
    got = {}

    def remember(executor, *args, **kwargs):
        got["out"] = executor(*args, **kwargs)
        return got["out"]

    patched = patched.clone()
    patched.add_wrapper_with_key(
        comfy.patcher_extension.WrappersMP.DIFFUSION_MODEL, "remember", remember
    )
    sampling = model.get_model_object("model_sampling")
    sigma = sampling.sigma(t[:1].float())
    # What the host and the model scale back before the UNet is called.
    latent = model.model.process_latent_out(x * (sigma**2 + 1) ** 0.5)
    comfy.sample.sample_custom(
        patched,
        torch.zeros_like(latent),
        1.0,
        comfy.samplers.ksampler("euler"),
        torch.cat([sigma, sigma * 0.99]),
        [[context, {PICTURES: references}]],
        [[context, {}]],
        latent,
        disable_pbar=True,
    )
    return got["out"]


PROJECTIONS = {
    "plain": lambda: GlobalTokens(EMBEDDING, 4, CONTEXT),
    "plus": lambda: Resampler(EMBEDDING, 16, 128, 128, 512, 4, CONTEXT),
}


def covered(mask, batch, queries, width):
    """A mask by the share of each cell, where diffusers' bicubic one overshoots at edges."""
    side = int(queries**0.5)
    cells = torch.nn.functional.interpolate(mask[None], (side, side), mode="area")[0]
    return cells.flatten(1)[..., None].expand(batch, queries, width)


@pytest.mark.parametrize("boxes", [(WHOLE,), (WHOLE, WHOLE), (LEFT, RIGHT)])
@pytest.mark.parametrize("kind", PROJECTIONS)
def test_equals_diffusers_ip_adapter(tiny_model, kind, boxes, monkeypatch):
    monkeypatch.setattr(IPAdapterMaskProcessor, "downsample", staticmethod(covered))
    state = state_of(tiny_model, PROJECTIONS[kind]())
    theirs = diffusers_unet(tiny_model)
    theirs._load_ip_adapter_weights([nested(state)], low_cpu_mem_usage=False)
    masked = boxes[0] != WHOLE
    scale = 0.6
    for processor in theirs.attn_processors.values():
        if isinstance(processor, IPAdapterAttnProcessor2_0):
            processor.scale = [[scale] * len(boxes)] if masked else [scale]
    shape = (1, len(boxes), EMBEDDING) if kind == "plain" else (1, len(boxes), 9, EMBEDDING)
    images = random(shape, 11)
    x, context, t = random((1, 4, 16, 16), 12), random((1, 77, CONTEXT), 13), torch.tensor([500])
    masks = torch.zeros(1, len(boxes), 16, 16)
    for number, (x0, _, x1, _) in enumerate(boxes):
        masks[:, number, :, int(x0 * 16) : int(x1 * 16)] = 1.0
    with torch.no_grad():
        wanted = theirs(
            x,
            t,
            context,
            added_cond_kwargs={"image_embeds": [images]},
            cross_attention_kwargs={"ip_adapter_masks": [masks]} if masked else None,
        ).sample
        plain = diffusers_unet(tiny_model)(x, t, context).sample
    patcher = patcher_of(state)
    with torch.no_grad():
        tokens = patcher.model.image_proj(images[0])
    references = replace(
        told((boxes,), background=False), tokens=tokens[None], empty=torch.zeros_like(tokens[0])
    )
    patched = patch_references(tiny_model, patcher, Strengths(scale, 0.0))
    got = ours_once(tiny_model, patched, references, x, t, context)
    assert_same(got, wanted)
    assert_differs(wanted, plain)


@pytest.mark.parametrize("strengths", [Strengths(0.0, 0.0), Strengths(1.0, 1.0, 0.0, 0.0)])
def test_without_weight_or_steps_it_is_the_plain_model(tiny_model, patcher, strengths):
    got = sample(patch_references(tiny_model, patcher, strengths), positive=positive(told()))
    assert torch.equal(got, sample(tiny_model))


def test_without_pictures_and_on_the_parent_nothing_changes(tiny_model, patcher):
    before = sample(tiny_model)
    patched = patch_references(tiny_model, patcher, BOTH)
    assert torch.equal(sample(patched), before)
    assert_differs(sample(patched.clone(), positive=positive(told())), before)
    assert torch.equal(sample(tiny_model, positive=positive(told())), before)
    assert not tiny_model.additional_models


def test_equal_keys_for_the_background_and_halved_weights_equal_foreground_alone(tiny_model, state):
    for key in [key for key in state if key.endswith("_ip.weight")]:
        state[key.replace("_ip.", "_ip_bg.")] = state[key]
    patcher = patcher_of(state)
    references = told()
    same = replace(references, background=references.tokens[:, 0])
    both = patch_references(tiny_model, patcher, Strengths(0.5, 0.5))
    alone = patch_references(tiny_model, patcher, Strengths(1.0, 0.0))
    assert_same(sample(both, positive=positive(same)), sample(alone, positive=positive(same)))


def test_an_adapter_without_background_keys_uses_its_one_set(tiny_model):
    patcher = patcher_of(state_of(tiny_model, LocalTokens(CONTEXT)))
    references = told()
    swapped = replace(
        references, tokens=references.background[None], background=references.tokens[:, 0]
    )
    even = patch_references(tiny_model, patcher, Strengths(0.5, 0.5))
    assert_same(
        sample(even, positive=positive(references)), sample(even, positive=positive(swapped))
    )


def test_foreground_and_background_have_their_own_keys(tiny_model, patcher):
    references = told()
    even = patch_references(tiny_model, patcher, Strengths(0.5, 0.5))
    swapped = replace(
        references, tokens=references.background[None], background=references.tokens[:, 0]
    )
    assert_differs(
        sample(even, positive=positive(references)), sample(even, positive=positive(swapped))
    )


def seen_in(patched, references, monkeypatch=None):
    """What each block's cross-attention gives before to_out, of the positive's frames."""
    seen = {}

    def remember(executor, *args, **kwargs):
        options = {**args[5]}
        replaced = options["patches_replace"]

        def watch(place, inner):
            def call(q, k, v, more):
                out = inner(q, k, v, more)
                half = more["cond_or_uncond"].index(0)
                grid = more["activations_shape"][-2:]
                seen.setdefault(place, out.chunk(2)[half].unflatten(1, grid).clone())
                return out

            return call

        watched = {place: watch(place, inner) for place, inner in replaced["attn2"].items()}
        options["patches_replace"] = {**replaced, "attn2": watched}
        return executor(*args[:5], options, **kwargs)

    patched = patched.clone()
    patched.add_wrapper_with_key(
        comfy.patcher_extension.WrappersMP.DIFFUSION_MODEL, "watch", remember
    )
    sample(patched, positive=positive(references), steps=1)
    return seen


def test_tokens_of_one_entity_cannot_change_what_lies_outside_its_box(tiny_model, patcher):
    patched = patch_references(tiny_model, patcher, Strengths(1.0, 0.0))
    references = told(((LEFT, RIGHT),), background=False, regional=True)
    other = replace(references, tokens=references.tokens.clone())
    other.tokens[:, 0] = random(other.tokens[:, 0].shape, 99)
    first = ("input", 1, 0)  # later blocks see what this one made of the whole picture
    one, two = (seen_in(patched, given)[first] for given in (references, other))
    width = one.shape[2]
    assert torch.equal(one[:, :, width // 2 :], two[:, :, width // 2 :])
    assert_differs(one[:, :, : width // 2], two[:, :, : width // 2])


def test_the_background_acts_outside_all_boxes_only(tiny_model, patcher):
    patched = patch_references(tiny_model, patcher, Strengths(1.0, 1.0))
    references = told(((LEFT,),), regional=True)
    other = replace(references, background=random(references.background.shape, 99))
    first = ("input", 1, 0)
    one, two = (seen_in(patched, given)[first] for given in (references, other))
    width = one.shape[2]
    assert torch.equal(one[:, :, : width // 2], two[:, :, : width // 2])
    assert_differs(one[:, :, width // 2 :], two[:, :, width // 2 :])


def test_an_entity_that_is_nowhere_is_as_if_it_had_no_picture(tiny_model, patcher):
    patched = patch_references(tiny_model, patcher, BOTH)
    one = told(((LEFT,),), regional=True)
    two = replace(
        one,
        tokens=torch.cat([one.tokens, random(one.tokens.shape, 9)], dim=1),
        weights=torch.ones(2),
        boxes=torch.tensor([[LEFT, NOWHERE]]),
    )
    assert_same(sample(patched, positive=positive(two)), sample(patched, positive=positive(one)))


def test_weights_of_entities_scale_what_they_add(tiny_model, patcher):
    references = told(background=False)
    halved = replace(references, weights=torch.tensor([0.5]))
    full, half = (patch_references(tiny_model, patcher, Strengths(w, 0.0)) for w in (1.0, 0.5))
    assert_same(
        sample(full, positive=positive(halved)), sample(half, positive=positive(references))
    )


MOVING = tuple(((at / 8, 0.0, 0.5 + at / 8, 1.0),) for at in range(FRAMES))


def test_every_frame_has_its_own_boxes(tiny_model, patcher):
    patched = patch_references(tiny_model, patcher, BOTH)
    moving = sample(patched, positive=positive(told(MOVING, regional=True)))
    for frame, box in enumerate(MOVING):
        still = sample(patched, positive=positive(told((box,) * FRAMES, regional=True)))
        assert_same(moving[frame], still[frame])


def test_every_frame_may_have_its_own_pictures(tiny_model, patcher):
    patched = patch_references(tiny_model, patcher, BOTH)
    every = [told(seed=seed) for seed in range(FRAMES)]
    own = replace(
        every[0],
        tokens=torch.cat([one.tokens for one in every]),
        background=torch.cat([one.background for one in every]),
    )
    got = sample(patched, positive=positive(own))
    for frame, one in enumerate(every):
        same = replace(one, empty=own.empty)
        assert_same(got[frame], sample(patched, positive=positive(same))[frame])


def test_conditions_apart_and_together_are_the_same(tiny_model, patcher, monkeypatch):
    patched = patch_references(tiny_model, patcher, BOTH)
    given = positive(told(MOVING, regional=True))
    together = sample(patched, positive=given)
    with monkeypatch.context() as patch:
        split_conditions(patch, tiny_model)
        apart = sample(patched, positive=given)
    assert_same(apart, together)


def test_frames_per_pass_slices_boxes(tiny_model, patcher):
    patched = patch_references(tiny_model, patcher, BOTH)
    given = positive(told(MOVING, regional=True))
    assert_same(
        sample(patch_frames_per_pass(patched, 3), positive=given), sample(patched, positive=given)
    )


def test_context_windows_slice_boxes(tiny_model, patcher):
    frames = 7
    boxes = tuple(((at / 14, 0.0, 0.5 + at / 14, 1.0),) for at in range(frames))
    patched = patch_references(tiny_model, patcher, BOTH)
    given = positive(told(boxes, regional=True), frames)
    negative = conditioning(frames, 3)
    whole = sample(patched, frames=frames, positive=given, negative=negative)
    windowed = patched.clone()
    use_windows(windowed)
    got = sample(windowed, frames=frames, positive=given, negative=negative)
    assert_same(got, whole)


def test_the_negative_is_told_of_no_picture(tiny_model, patcher):
    """With guidance the tokens of no picture matter; a cfg of 1 has no negative."""
    patched = patch_references(tiny_model, patcher, BOTH)
    one = told()
    other = replace(one, empty=random(one.empty.shape, 77))
    assert_differs(
        sample(patched, positive=positive(one)), sample(patched, positive=positive(other))
    )
    assert_same(
        sample(patched, positive=positive(one), cfg=1.0),
        sample(patched, positive=positive(other), cfg=1.0),
    )


class OtherPack:
    """As IPAdapter_plus does: puts itself where nothing is yet, else adds itself there."""

    def __init__(self, amount):
        self.amount = amount

    def __call__(self, q, k, v, options):
        return self.amount * q


def with_other_pack(model):
    patched = model.clone()
    for name, number, depth in transformers(model.model.diffusion_model):
        patched.set_model_attn2_replace(OtherPack(0.3), name, number, depth)
    return patched


def test_other_packs_attn2_replace_is_kept_in_either_order(tiny_model, patcher):
    before = patch_references(with_other_pack(tiny_model), patcher, BOTH)
    after = with_other_pack(patch_references(tiny_model, patcher, BOTH))
    one, two = (sample(patched, positive=positive(told())) for patched in (before, after))
    assert torch.equal(one, two)
    assert_differs(one, sample(with_other_pack(tiny_model)))
    assert_differs(
        one, sample(patch_references(tiny_model, patcher, BOTH), positive=positive(told()))
    )
    slots = patch_references(tiny_model, patcher, BOTH).model_options["transformer_options"]
    assert not slots.get("patches_replace", {}).get("attn2")  # free for packs that look there


def test_layer_weights_switch_blocks_off(tiny_model, patcher):
    blocks = {
        f"{name} {number}" for name, number, _ in transformers(tiny_model.model.diffusion_model)
    }
    off = Strengths(1.0, 1.0, layers=dict.fromkeys(blocks, 0.0))
    given = positive(told())
    assert_same(
        sample(patch_references(tiny_model, patcher, off), positive=given), sample(tiny_model)
    )
    one = Strengths(1.0, 1.0, layers={"output 2": 0.0})
    assert_differs(
        sample(patch_references(tiny_model, patcher, one), positive=given),
        sample(patch_references(tiny_model, patcher, Strengths(1.0, 1.0)), positive=given),
    )
    with pytest.raises(ValueError, match="layer_weights names output 99.*input 1"):
        patch_references(tiny_model, patcher, Strengths(1.0, 1.0, layers={"output 99": 0.5}))


def test_start_and_end_percent(tiny_model, patcher):
    given = positive(told())
    early = patch_references(tiny_model, patcher, Strengths(1.0, 1.0, 0.0, 0.4))
    late = patch_references(tiny_model, patcher, Strengths(1.0, 1.0, 0.4, 1.0))
    whole = patch_references(tiny_model, patcher, Strengths(1.0, 1.0))
    pictures = [sample(one, positive=given) for one in (early, late, whole, tiny_model)]
    for number, one in enumerate(pictures):
        for other in pictures[number + 1 :]:
            assert_differs(one, other)


def test_cross_attention_first_is_eq_2_as_printed(tiny_model, patcher):
    """z = x + SA(CA1 + CA2 + CA3), then nothing where the cross-attention was."""
    patched = patch_references(tiny_model, patcher, replace(BOTH, order=CROSS_FIRST))
    references = told()
    x, t = random((1, 4, 16, 16), 12), torch.tensor([500])
    context = random((1, 77, CONTEXT), 13)
    got = ours_once(tiny_model, patched, references, x, t, context)

    adapter, unet = patcher.model, tiny_model.model.diffusion_model
    numbers = {block: number for number, block in enumerate(transformers(unet).values())}

    def attention(q, k, v, heads):
        q, k, v = (part.unflatten(-1, (heads, -1)).transpose(1, 2) for part in (q, k, v))
        weights = (q @ k.transpose(-1, -2) / q.shape[-1] ** 0.5).softmax(-1)
        return (weights @ v).transpose(1, 2).flatten(2)

    def forward(block):
        def call(x, context=None, transformer_options=None):
            layer, cross, own = adapter.layers[numbers[block]], block.attn2, block.attn1
            n, heads = block.norm1(x), block.n_heads
            q = cross.to_q(n)
            crossed = attention(q, cross.to_k(context), cross.to_v(context), heads)
            for weight, (k, v) in (
                (BOTH.foreground, layer.foreground(references.tokens[0])),
                (BOTH.background, layer.background(references.background)),
            ):
                crossed = crossed + weight * attention(q, k, v, heads)
            y = cross.to_out(crossed)
            x = x + own.to_out(attention(own.to_q(y), own.to_k(y), own.to_v(y), heads))
            return x + block.ff(block.norm3(x))

        return call

    with torch.no_grad(), pytest.MonkeyPatch.context() as patch:
        for block in numbers:
            patch.setattr(block, "forward", forward(block))
        wanted = unet(x, t, context)
    assert_same(got, wanted)


def test_with_value_mapping(tiny_model, patcher):
    mapped = patch_value_mapping(tiny_model, ValueMapping(order="first"))
    given = positive(told())
    one = sample(patch_references(mapped, patcher, BOTH), positive=given)
    other = patch_value_mapping(
        patch_references(tiny_model, patcher, BOTH), ValueMapping(order="first")
    )
    assert_same(sample(other, positive=given), one)
    assert_differs(one, sample(mapped))


def test_pictures_are_projected_once_per_run(tiny_model, patcher, monkeypatch):
    calls = []
    of_one_layer = KeysValues.foreground
    monkeypatch.setattr(
        KeysValues,
        "foreground",
        lambda self, tokens: calls.append(self) or of_one_layer(self, tokens),
    )
    sample(patch_references(tiny_model, patcher, Strengths(1.0, 0.0)), positive=positive(told()))
    assert len(calls) == len(set(calls)) == len(patcher.model.layers)


def test_what_does_not_fit_is_refused(tiny_model, patcher, state):
    patched = patch_references(tiny_model, patcher, BOTH)
    with pytest.raises(ValueError, match="already goes through Apply Reference Attention"):
        patch_references(patched, patcher, BOTH)
    fewer = {key: value for key, value in state.items() if not key.startswith("ip_adapter.1")}
    kept = {}
    for key, value in fewer.items():
        head, number, *rest = key.split(".")
        renamed = [head, str(int(number) - 2), *rest] if head == "ip_adapter" else [key]
        kept[".".join(renamed)] = value
    with pytest.raises(ValueError, match="load the adapter of this kind of model"):
        patch_references(tiny_model, patcher_of(kept), BOTH)
    with pytest.raises(ValueError, match="references for 3 frames, but 4 latents"):
        sample(patched, positive=positive(told(((WHOLE,),) * 3)))
