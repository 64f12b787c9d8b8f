"""Layout grounding through the host's own samplers, against the host's own GLIGEN."""

import comfy.gligen
import comfy.model_patcher
import pytest
import torch
from comfy.patcher_extension import WrappersMP
from video_director.attention_patches.frame_slices_patch import patch_frames_per_pass
from video_director.attention_patches.grounding_checkpoints import read_grounding
from video_director.attention_patches.grounding_modules import (
    Entities,
    GatedSelfAttention,
    TextImageTokens,
    TextTokens,
)
from video_director.attention_patches.grounding_patch import (
    TOKENS,
    frame_tokens,
    patch_grounding,
)
from video_director.attention_patches.unet_blocks_patch import transformers
from video_director.attention_patches.value_mapping_patch import ValueMapping, patch_value_mapping

from .tiny_runs import (
    FRAMES,
    STEPS,
    assert_differs,
    assert_same,
    conditioning,
    sample,
    split_conditions,
    use_windows,
)

WIDTH = 768
ALWAYS = (1.0, 0.0, 0.0)
BOXES = {"fox": (0.0, 0.0, 0.5, 0.5), "hare": (0.5, 0.25, 1.0, 1.0)}
CPU = torch.device("cpu")


def state_of(model, tokens, seed=0):
    """A GLIGEN checkpoint with random weights for every transformer of a UNet."""
    generator = torch.Generator().manual_seed(seed)
    state = {f"position_net.{name}": value for name, value in tokens.state_dict().items()}
    for (name, number, _), transformer in transformers(model.model.diffusion_model).items():
        width = transformer.norm1.weight.shape[0]
        prefix = "middle_block.1" if name == "middle" else f"{name}_blocks.{number}.1"
        for key, value in GatedSelfAttention(width, WIDTH, 8).state_dict().items():
            state[f"{prefix}.transformer_blocks.0.fuser.{key}"] = value
    for key, value in state.items():
        scale = 2.0 * value[0].numel() ** -0.5 if value.ndim > 1 else 0.1
        random = torch.randn(value.shape, generator=generator) * scale
        ones = "alpha" in key or ("norm" in key and "weight" in key)
        state[key] = random + (1.0 if ones else 0.0)
    return state


@pytest.fixture
def state(tiny_model):
    return state_of(tiny_model, TextTokens(WIDTH, WIDTH))


def patcher_of(state):
    model = read_grounding(state, "test")
    return comfy.model_patcher.ModelPatcher(model, load_device=CPU, offload_device=CPU)


def feature(name):
    generator = torch.Generator().manual_seed(sum(map(ord, name)))
    return torch.randn(1, WIDTH, generator=generator)


def entities(frames, *, image=False):
    """Slots of a clip; each frame is {name: box}."""
    slots = max(1, *(len(boxes) for boxes in frames))
    boxes = torch.zeros(len(frames), slots, 4)
    text = torch.zeros(len(frames), slots, WIDTH)
    present = torch.zeros(len(frames), slots, dtype=torch.bool)
    for frame, asked in enumerate(frames):
        for slot, (name, box) in enumerate(asked.items()):
            boxes[frame, slot], text[frame, slot] = torch.tensor(box), feature(name)
            present[frame, slot] = True
    return Entities(boxes, text, text.flip(-1), present, present if image else present & False)


def grounded(patcher, frames, positive=None, **more):
    """Positive conditioning with the tokens of every frame's boxes."""
    positive = positive or conditioning(FRAMES, 2)
    tokens = frame_tokens(patcher, entities(frames, **more))
    return [[text, {**options, TOKENS: tokens}] for text, options in positive]


@pytest.fixture
def patcher(state):
    return patcher_of(state)


STILL = [BOXES] * FRAMES


@pytest.mark.parametrize("cfg", [1.0, 7.5])
def test_equals_the_hosts_gligen_for_a_still_layout(tiny_model, state, patcher, cfg):
    theirs = comfy.model_patcher.ModelPatcher(
        comfy.gligen.load_gligen(dict(state)), load_device=CPU, offload_device=CPU
    )
    # In the host's latent units: height, width, top, left of an 8 × 8 latent.
    boxes = [
        (feature(name), (y1 - y0) * 8, (x1 - x0) * 8, y0 * 8, x0 * 8)
        for name, (x0, y0, x1, y1) in BOXES.items()
    ]
    positive, negative = conditioning(FRAMES, 2), conditioning(1, 3)
    positive[0][1]["gligen"] = ("position", theirs, boxes)
    inherited = sample(tiny_model, positive=positive, negative=negative, cfg=cfg)
    negative[0][1]["gligen"] = ("empty", theirs, [])
    wanted = sample(tiny_model, positive=positive, negative=negative, cfg=cfg)
    got = sample(
        patch_grounding(tiny_model, patcher, 1.0, ALWAYS),
        positive=grounded(patcher, STILL),
        cfg=cfg,
    )
    assert_same(got, wanted)
    assert_differs(wanted, sample(tiny_model, cfg=cfg))
    if cfg > 1:  # left alone, the host grounds the negative in the same boxes
        assert_differs(inherited, wanted)


@pytest.mark.parametrize("settings", [(0.0, ALWAYS), (1.0, (0.0, 0.0, 1.0))])
def test_without_strength_or_steps_it_is_the_plain_model(tiny_model, patcher, settings):
    patched = patch_grounding(tiny_model, patcher, *settings)
    got = sample(patched, positive=grounded(patcher, STILL))
    assert torch.equal(got, sample(tiny_model))


def test_without_tokens_and_on_the_parent_nothing_changes(tiny_model, patcher):
    before = sample(tiny_model)
    patched = patch_grounding(tiny_model, patcher, 1.0, ALWAYS)
    assert torch.equal(sample(patched), before)
    assert_differs(sample(patched.clone(), positive=grounded(patcher, STILL)), before)
    assert torch.equal(sample(tiny_model, positive=grounded(patcher, STILL)), before)
    assert not tiny_model.additional_models


def test_frames_differ_only_where_their_boxes_do(tiny_model, patcher):
    patched = patch_grounding(tiny_model, patcher, 1.0, ALWAYS)
    moved = [BOXES, BOXES, {**BOXES, "fox": (0.5, 0.5, 1.0, 1.0)}, BOXES]
    still, moving = (
        sample(patched, positive=grounded(patcher, frames)) for frames in (STILL, moved)
    )
    assert_same(moving[[0, 1, 3]], still[[0, 1, 3]])
    assert_differs(moving[2], still[2])


def test_frames_without_boxes_are_the_plain_models(tiny_model, patcher):
    frames = [BOXES, {}, {"fox": BOXES["fox"]}, {}]
    patched = patch_grounding(tiny_model, patcher, 1.0, ALWAYS)
    got, plain = sample(patched, positive=grounded(patcher, frames)), sample(tiny_model)
    assert_same(got[[1, 3]], plain[[1, 3]])
    assert_differs(got[0], plain[0])
    assert_differs(got[2], plain[2])
    assert torch.equal(sample(patched, positive=grounded(patcher, [{}] * FRAMES)), plain)


class Batches:
    """Rows of every call of the model."""

    def __init__(self):
        self.rows = []

    def __call__(self, executor, x, *args, **kwargs):
        self.rows.append(len(x))
        return executor(x, *args, **kwargs)


def test_conditions_stay_in_one_batch_and_apart_give_the_same(tiny_model, patcher, monkeypatch):
    patched, seen = patch_grounding(tiny_model, patcher, 1.0, ALWAYS), Batches()
    patched.add_wrapper(WrappersMP.DIFFUSION_MODEL, seen)
    positive = grounded(patcher, STILL)
    together = sample(patched, positive=positive)
    assert set(seen.rows) == {2 * FRAMES}
    split_conditions(monkeypatch, tiny_model)
    assert_same(sample(patched, positive=positive), together)
    assert set(seen.rows) == {2 * FRAMES, FRAMES}


MOVING = [{"fox": (0.1 * f, 0.1 * f, 0.4 + 0.1 * f, 0.5 + 0.1 * f)} for f in range(7)]


@pytest.mark.parametrize("size", [2, 3])
def test_slices_take_their_own_frames(tiny_model, patcher, size):
    frames = [*MOVING[:3], {}, *MOVING[4:]]
    positive = grounded(patcher, frames, conditioning(7, 2))
    mapped = patch_value_mapping(tiny_model, ValueMapping(filter_share=0.3))
    patched = patch_grounding(mapped, patcher, 1.0, (0.5, 0.3, 0.2))
    wanted = sample(patched, frames=7, positive=positive)
    got = sample(patch_frames_per_pass(patched, size), frames=7, positive=positive)
    assert_same(got, wanted)
    other_way = patch_grounding(patch_frames_per_pass(mapped, size), patcher, 1.0, (0.5, 0.3, 0.2))
    assert_same(sample(other_way, frames=7, positive=positive), wanted)


@pytest.mark.parametrize("anchor", [False, True])
def test_context_windows_take_their_own_frames(tiny_model, patcher, anchor):
    patched = patch_grounding(tiny_model, patcher, 1.0, ALWAYS)
    positive = grounded(patcher, MOVING, conditioning(7, 2))
    wanted = sample(patched, frames=7, positive=positive)  # frames do not meet anywhere
    use_windows(patched, causal_window_fix=anchor)
    assert_same(sample(patched, frames=7, positive=positive), wanted)


def test_the_schedule_ends_when_it_says(tiny_model, patcher, monkeypatch):
    scales = []
    plain = GatedSelfAttention.forward

    def watched(self, x, keys, values, attend, scale=1.0):
        scales.append(scale)
        return plain(self, x, keys, values, attend, scale)

    monkeypatch.setattr(GatedSelfAttention, "forward", watched)
    patched = patch_grounding(tiny_model, patcher, 0.5, (0.5, 0.5, 0.0))
    sample(patched, positive=grounded(patcher, STILL), sampler="heun")
    per_call = [round(scale, 4) for scale in scales[:: len(patcher.model.places)]]
    # Half of six steps on, then down by thirds to 0. Heun's second call of a step lies at the next
    # sigma, so it belongs to the next step.
    assert STEPS == 6
    on, falling = [0.5] * 6, [0.3333] * 2 + [0.1667] * 2
    assert per_call[: len(on) - 1] == on[:-1]
    assert sorted(per_call, reverse=True) in (on[:-1] + falling, on + falling, on + falling[:-1])


def test_keys_and_values_are_projected_once_per_run(tiny_model, patcher, monkeypatch):
    calls = []
    plain = GatedSelfAttention.keys_values
    monkeypatch.setattr(
        GatedSelfAttention,
        "keys_values",
        lambda self, tokens: calls.append(len(tokens)) or plain(self, tokens),
    )
    patched = patch_grounding(tiny_model, patcher, 1.0, ALWAYS)
    sample(patched, positive=grounded(patcher, STILL))
    assert len(calls) == len(patcher.model.places)
    assert set(calls) == {len(BOXES) + 1}  # two entities and the empty one


def test_text_and_image_tokens(tiny_model):
    patcher = patcher_of(state_of(tiny_model, TextImageTokens(WIDTH, WIDTH)))
    patched = patch_grounding(tiny_model, patcher, 1.0, ALWAYS)
    text = sample(patched, positive=grounded(patcher, STILL))
    both = sample(patched, positive=grounded(patcher, STILL, image=True))
    assert torch.isfinite(both).all()
    assert_differs(text, both)


def test_more_entities_than_trained_are_drawn_with_a_warning(tiny_model, patcher, caplog):
    crowd = {f"hen {n}": (n / 40, 0.0, (n + 1) / 40, 1.0) for n in range(31)}
    positive = grounded(patcher, [crowd] + [BOXES] * (FRAMES - 1))
    assert "31 entities in one frame" in caplog.text
    patched = patch_grounding(tiny_model, patcher, 1.0, ALWAYS)
    assert torch.isfinite(sample(patched, positive=positive)).all()


def test_a_second_one_takes_the_place_of_the_first(tiny_model, patcher):
    positive = grounded(patcher, STILL)
    twice = patch_grounding(patch_grounding(tiny_model, patcher, 0.3, ALWAYS), patcher, 1.0, ALWAYS)
    once = patch_grounding(tiny_model, patcher, 1.0, ALWAYS)
    assert_same(sample(twice, positive=positive), sample(once, positive=positive))


def test_errors_name_what_to_change(tiny_model, patcher, state):
    with pytest.raises(ValueError, match="strength is 1.5; it goes from 0 to 1"):
        patch_grounding(tiny_model, patcher, 1.5, ALWAYS)
    with pytest.raises(ValueError, match="together 1, such as"):
        patch_grounding(tiny_model, patcher, 1.0, (0.5, 0.0, 0.0))
    other = {key.replace("output_blocks.5", "output_blocks.9"): v for key, v in state.items()}
    with pytest.raises(ValueError, match="output block 9, but this model has no transformer there"):
        patch_grounding(tiny_model, patcher_of(other), 1.0, ALWAYS)
    patched = patch_grounding(tiny_model, patcher, 1.0, ALWAYS)
    with pytest.raises(ValueError, match="tokens for 4 frames, but 3 latents are sampled"):
        sample(patched, frames=3, positive=grounded(patcher, STILL))
    linear = tiny_model.clone()
    linear.add_object_patch("diffusion_model", torch.nn.Linear(1, 1))
    with pytest.raises(ValueError, match="denoiser is a Linear"):
        patch_grounding(linear, patcher, 1.0, ALWAYS)
