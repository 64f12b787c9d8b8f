"""Value mapping through the host's own samplers on a real ModelPatcher."""

import comfy.ldm.modules.diffusionmodules.openaimodel as openaimodel
import comfy.ops
import pytest
import torch
from comfy.ldm.modules.attention import optimized_attention
from comfy.patcher_extension import WrappersMP
from video_director.attention_patches.unet_blocks_patch import decoder_blocks
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

DECODER = {("output", number) for number in (2, 3, 4, 5)}


class Probe:
    """An attn1_patch of another pack: notes which frame each frame's keys really came from."""

    def __init__(self):
        self.calls = []

    def __call__(self, n, context, value, options):
        conds = len(options["cond_or_uncond"])
        frames = n.shape[0] // conds
        sources = []
        for row, got in enumerate(context):
            own_cond = n[row // frames * frames : (row // frames + 1) * frames]
            parts = got.split(n.shape[1])
            sources.append(
                tuple(
                    next(f for f in range(frames) if torch.equal(part, own_cond[f]))
                    for part in parts
                )
            )
        assert torch.equal(context, value)
        self.calls.append((options["block"], float(options["sigmas"][0]), sources, conds))
        return n, context, value

    def leaders(self, block):
        """The single leader of each call of a block."""
        found = []
        for name, _, sources, _ in self.calls:
            if name == block:
                assert len(set(sources)) == 1
                assert len(sources[0]) == 1
                found.append(sources[0][0])
        return found


def probed(model, settings):
    patched = patch_value_mapping(model, settings)
    probe = Probe()
    patched.set_model_attn1_patch(probe)
    return patched, probe


class NaiveMapping:
    """Equation 4 as an attn1_replace with loops; counts model calls, which euler allows."""

    def __init__(self, period):
        self.period = period
        self.step = 0

    def __call__(self, q, k, v, options):
        if options["block"] == ("output", 2):  # the first mapped block of a call
            self.step += 1
        leader = (self.step // self.period) % FRAMES
        out = []
        for cond in range(len(options["cond_or_uncond"])):
            for frame in range(FRAMES):
                own, other = cond * FRAMES + frame, cond * FRAMES + leader
                out.append(
                    optimized_attention(
                        q[own : own + 1],
                        k[other : other + 1],
                        v[other : other + 1],
                        options["n_heads"],
                    )
                )
        return torch.cat(out)


@pytest.mark.parametrize("cfg", [1.0, 7.5])
@pytest.mark.parametrize("period", [1, 2])
def test_sampling_equals_a_naive_replace_patch(tiny_model, cfg, period):
    naive, replace = tiny_model.clone(), NaiveMapping(period)
    for block, number in DECODER:
        naive.set_model_attn1_replace(replace, block, number)
    mapped = patch_value_mapping(tiny_model, ValueMapping(period=period))
    wanted = sample(naive, cfg=cfg)
    assert replace.step == STEPS
    assert_same(sample(mapped, cfg=cfg), wanted)
    assert_differs(wanted, sample(tiny_model, cfg=cfg))  # it is about something


def test_parent_model_is_unchanged(tiny_model):
    before = sample(tiny_model)
    options = repr(tiny_model.model_options)
    patched = patch_value_mapping(tiny_model, ValueMapping())
    changed = sample(patched)
    assert repr(tiny_model.model_options) == options
    assert not any(tiny_model.wrappers.values())
    assert torch.equal(sample(tiny_model), before)
    assert not torch.allclose(changed, before)
    assert torch.equal(sample(patched), changed)  # nothing is kept from one run to the next


def test_clone_of_a_clone_maps_too(tiny_model):
    patched = patch_value_mapping(tiny_model, ValueMapping())
    assert torch.equal(sample(patched.clone()), sample(patched))


@pytest.mark.parametrize("layers", ["decoder", "all"])
def test_layers(tiny_model, layers):
    patched, probe = probed(tiny_model, ValueMapping(order="first", layers=layers))
    sample(patched)
    own = [(frame,) for frame in range(FRAMES)]
    mapped = {block for block, _, sources, conds in probe.calls if sources != own * conds}
    every = {block for block, *_ in probe.calls}
    assert len(every) == 10
    assert mapped == (DECODER if layers == "decoder" else every)


@pytest.mark.parametrize("sampler", ["euler", "heun", "dpm_2", "dpmpp_2m", "dpmpp_sde"])
def test_each_sampler_step_has_one_leader_and_all_frames_lead(tiny_model, sampler):
    patched, probe = probed(tiny_model, ValueMapping(period=1))
    assert torch.isfinite(sample(patched, sampler=sampler)).all()
    leaders = probe.leaders(("output", 5))
    changes = [leaders[0]] + [b for a, b in zip(leaders, leaders[1:], strict=False) if a != b]
    # heun evaluates the last step's end as well, which is still the last step.
    assert changes == [1, 2, 3, 0, 1, 2]


def test_orders(tiny_model):
    patched, probe = probed(tiny_model, ValueMapping(order="first+previous"))
    sample(patched)
    sources = {tuple(s) for block, _, s, _ in probe.calls if block in DECODER}
    assert sources == {((0, 0), (0, 0), (0, 1), (0, 2)) * 2}
    patched, probe = probed(tiny_model, ValueMapping(order="random", seed=11))
    again, second = probed(tiny_model, ValueMapping(order="random", seed=11))
    assert torch.equal(sample(patched), sample(again))
    assert probe.leaders(("output", 5)) == second.leaders(("output", 5))


def test_start_and_end_percent_limit_the_steps(tiny_model):
    patched, probe = probed(tiny_model, ValueMapping(order="first", start_percent=0.3))
    sample(patched)
    own = [(frame,) for frame in range(FRAMES)]
    mapped = [s != own * 2 for block, _, s, _ in probe.calls if block == ("output", 5)]
    assert mapped == sorted(mapped)
    assert 0 < sum(mapped) < STEPS


def test_two_mappings_with_ranges_that_meet_share_the_steps(tiny_model):
    early = patch_value_mapping(tiny_model, ValueMapping(order="first", end_percent=0.4))
    both = patch_value_mapping(early, ValueMapping(order="rotational", start_percent=0.4, period=1))
    probe = Probe()
    both.set_model_attn1_patch(probe)
    sample(both)
    leaders = probe.leaders(("output", 5))
    assert leaders[0] == 0
    assert leaders[-3:] in ([1, 2, 3], [2, 3, 0], [3, 0, 1])
    assert len(leaders) == STEPS


def test_another_packs_replace_patch_gets_the_mapped_keys(tiny_model):
    seen = []

    def replace(q, k, v, options):
        seen.append(torch.equal(k[0], k[FRAMES - 1]) and torch.equal(v[0], v[FRAMES - 1]))
        return optimized_attention(q, k, v, options["n_heads"])

    patched = patch_value_mapping(tiny_model, ValueMapping())
    patched.set_model_attn1_replace(replace, "output", 5)
    assert_same(sample(patched), sample(patch_value_mapping(tiny_model, ValueMapping())))
    assert seen
    assert all(seen)


def test_conditions_run_apart_give_the_same(tiny_model, monkeypatch):
    patched, probe = probed(tiny_model, ValueMapping())
    together = sample(patched)
    assert {conds for *_, conds in probe.calls} == {2}
    probe.calls.clear()
    split_conditions(monkeypatch, tiny_model)
    assert_same(sample(patched), together)
    assert {conds for *_, conds in probe.calls} == {1}


def test_three_conditions_in_one_call(tiny_model, monkeypatch):
    positive = conditioning(FRAMES, 2) + conditioning(FRAMES, 9)
    patched, probe = probed(tiny_model, ValueMapping())
    together = sample(patched, positive=positive)
    assert {conds for *_, conds in probe.calls} == {3}
    split_conditions(monkeypatch, tiny_model)
    assert_same(sample(patched, positive=positive), together)


def test_one_frame_is_left_alone(tiny_model):
    patched = patch_value_mapping(tiny_model, ValueMapping(order="first+previous"))
    assert torch.equal(sample(patched, frames=1), sample(tiny_model, frames=1))


def test_non_square_latents(tiny_model):
    patched, probe = probed(tiny_model, ValueMapping())
    assert sample(patched, size=(8, 12)).shape == (FRAMES, 4, 8, 12)
    assert probe.leaders(("output", 5))


@pytest.mark.parametrize("anchor", [False, True])
def test_context_windows_are_led_from_inside(tiny_model, anchor):
    patched, probe = probed(tiny_model, ValueMapping(order="first"))
    use_windows(patched, causal_window_fix=anchor)
    assert torch.isfinite(sample(patched, frames=7)).all()
    leaders = probe.leaders(("output", 5))
    assert set(leaders) == {0}  # frame 0 is the nearest of every later window's first frame
    lengths = {len(sources) // conds for _, _, sources, conds in probe.calls}
    assert lengths == ({4, 5} if anchor else {4})


def test_blocks_of_the_hosts_models():
    def unet(**config):
        common = {"image_size": 32, "in_channels": 4, "out_channels": 4, "model_channels": 32}
        return openaimodel.UNetModel(
            **common,
            use_spatial_transformer=True,
            legacy=False,
            num_heads=4,
            context_dim=8,
            device="meta",
            operations=comfy.ops.disable_weight_init,
            **config,
        )

    sd15 = unet(
        channel_mult=[1, 2, 4, 4],
        num_res_blocks=[2] * 4,
        transformer_depth=[1] * 6 + [0] * 2,
        transformer_depth_output=[1] * 9 + [0] * 3,
        transformer_depth_middle=1,
    )
    assert decoder_blocks(sd15) == {("output", number) for number in range(6, 12)}
    sdxl = unet(
        channel_mult=[1, 2, 4],
        num_res_blocks=[2] * 3,
        transformer_depth=[0, 0, 2, 2, 10, 10],
        transformer_depth_output=[0, 0, 0, 2, 2, 2, 10, 10, 10],
        transformer_depth_middle=10,
    )
    assert decoder_blocks(sdxl) == {("output", number) for number in range(6)}


def test_a_batch_of_no_whole_number_of_frames_is_refused(tiny_model):
    def drops_a_row(executor, x, t, c_concat, c_crossattn, *args, **kwargs):
        return executor(x[:-1], t[:-1], c_concat, c_crossattn[:-1], *args, **kwargs)

    other = tiny_model.clone()
    other.add_wrapper(WrappersMP.APPLY_MODEL, drops_a_row)
    with pytest.raises(ValueError, match="batch of 7 for 2 conditions.*no whole number of frames"):
        sample(patch_value_mapping(other, ValueMapping()))


def test_errors_name_what_to_change(tiny_model):
    with pytest.raises(ValueError, match="start_percent 0.7 is not below end_percent 0.5"):
        patch_value_mapping(tiny_model, ValueMapping(start_percent=0.7, end_percent=0.5))
    with pytest.raises(
        ValueError, match="layers is 'upper'; use 'decoder', 'all'.*output 2, .*middle 0"
    ):
        patch_value_mapping(tiny_model, ValueMapping(layers="upper"))
    linear = tiny_model.clone()
    linear.add_object_patch("diffusion_model", torch.nn.Linear(1, 1))
    with pytest.raises(ValueError, match="denoiser is a Linear"):
        patch_value_mapping(linear, ValueMapping())
