"""VideoStudio-Vid's denoiser against diffusers' SDXL UNet and the published names and shapes."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from diffusers import UNet2DConditionModel
from video_director.video_models.convolutions import TemporalConvolution
from video_director.video_models.transformers import (
    TemporalTransformer,
    TransformerBlock,
    plain_attention,
)
from video_director.video_models.videostudio_config import (
    IN_ATTENTION,
    MIDDLE,
    VideoStudioConfig,
    read_config,
)
from video_director.video_models.videostudio_unet import VideoStudioUNet, sinusoids

SMALL = VideoStudioConfig(
    channels=(32, 64, 64),
    layers=1,
    depths=(0, 1, 2),
    context_width=32,
    added_width=64,
    score_width=8,
)
CLIPS, FRAMES, SIZE = 2, 3, 8


def randomise(module, seed=0):
    generator = torch.Generator().manual_seed(seed)
    for parameter in module.parameters():
        values = torch.randn(parameter.shape, generator=generator)
        if parameter.dim() > 1:
            values /= parameter[0].numel() ** 0.5
        with torch.no_grad():
            parameter.copy_(values)


def silence_time(unet):
    """Layers over time as they are before any training."""
    for module in unet.modules():
        if isinstance(module, TemporalTransformer):
            last = module.proj_out
        elif isinstance(module, TemporalConvolution):
            last = getattr(module, module.names[-1])[-1]
        else:
            continue
        for parameter in last.parameters():
            torch.nn.init.zeros_(parameter)


@pytest.fixture(scope="module")
def small():
    unet = VideoStudioUNet(SMALL).eval().requires_grad_(False)
    randomise(unet)
    return unet


def random(*shape, seed=1):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def told(**changes):
    given = {
        "timesteps": torch.tensor([10.0, 700.0]),
        "context": random(CLIPS, 5, 32, seed=2),
        "y": random(CLIPS, 64, seed=3),
    }
    return {**given, **changes}


def clips(frames=FRAMES):
    return random(CLIPS, 4, frames, SIZE, SIZE)


def test_a_frame_is_what_diffusers_sdxl_makes_of_it():
    """With layers over time that are silent, every frame is a picture of its own."""
    unet = VideoStudioUNet(SMALL).eval().requires_grad_(False)
    randomise(unet)
    silence_time(unet)
    oracle = UNet2DConditionModel(
        in_channels=4,
        out_channels=4,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        block_out_channels=SMALL.channels,
        layers_per_block=1,
        transformer_layers_per_block=(1, 1, 2),
        attention_head_dim=(1, 1, 1),
        use_linear_projection=True,
        addition_embed_type="text_time",
        addition_time_embed_dim=8,
        projection_class_embeddings_input_dim=64,
        cross_attention_dim=32,
    ).eval()
    state = {key: value for key, value in unet.state_dict().items() if key in oracle.state_dict()}
    oracle.load_state_dict(state)
    given, x = told(), clips()
    pooled, sizes = random(CLIPS, 16, seed=4), torch.rand(CLIPS, 6) * 64
    given["y"] = torch.cat([pooled, sinusoids(sizes.flatten(), 8).view(CLIPS, -1)], dim=-1)
    found = unet(x, **given)
    for frame in range(FRAMES):
        with torch.no_grad():
            wanted = oracle(
                x[:, :, frame],
                given["timesteps"],
                given["context"],
                added_cond_kwargs={"text_embeds": pooled, "time_ids": sizes},
            ).sample
        torch.testing.assert_close(found[:, :, frame], wanted, atol=1e-4, rtol=1e-4)


def manifest(name):
    """Names and shapes of published weights."""
    path = Path(__file__).parent / "manifests" / f"{name}.json"
    return json.loads(path.read_text())["tensors"]


@pytest.mark.parametrize(
    ("name", "config", "parameters"),
    [
        ("videostudio_vid_unet", VideoStudioConfig(), 4_694_375_620),
        ("videostudio_vid_unet_tiny", SMALL, 8_960_004),
    ],
)
def test_names_and_shapes_are_the_published_ones(name, config, parameters):
    with torch.device("meta"):
        unet = VideoStudioUNet(config)
    ours = {key: list(value.shape) for key, value in unet.state_dict().items()}
    assert ours == manifest(name)
    assert sum(value.numel() for value in unet.parameters()) == parameters


@pytest.mark.parametrize(
    "config",
    [
        VideoStudioConfig(),
        SMALL,
        VideoStudioConfig(temporal_convolutions=5, entry_width=0),
        VideoStudioConfig(score_width=0, image_width=0, actions=0),
        VideoStudioConfig(action_place=IN_ATTENTION),
        VideoStudioConfig(scene_attention=True),
    ],
)
def test_sizes_are_read_off_the_weights(config):
    with torch.device("meta"):
        state = VideoStudioUNet(config).state_dict()
    assert read_config(state, "file") == config


def test_other_weights_are_refused():
    with pytest.raises(ValueError, match="sd15.safetensors is no VideoStudio-Vid denoiser"):
        read_config({"conv_in.weight": torch.zeros(1)}, "sd15.safetensors")


@pytest.mark.parametrize("what", ["y", "action", "image_pooled", "aesthetic", "context"])
def test_everything_it_is_told_matters(small, what):
    everything = told(
        action=torch.rand(CLIPS, 400),
        image_pooled=random(CLIPS, 1280, seed=6),
        aesthetic=torch.full((CLIPS,), 6.0),
    )
    other = {**everything, what: everything[what] * 0.5}
    difference = small(clips(), **everything) - small(clips(), **other)
    assert float(difference.abs().max()) > 1e-4


def test_frames_see_each_other(small):
    x = clips()
    changed = x.clone()
    changed[:, :, -1] += 1
    difference = (small(x, **told()) - small(changed, **told()))[:, :, 0]
    assert float(difference.abs().max()) > 1e-4


@pytest.mark.parametrize("position", ["first", MIDDLE])
def test_the_scene_picture_is_a_frame_whose_output_is_dropped(position):
    unet = VideoStudioUNet(SMALL, reference_position=position).eval().requires_grad_(False)
    randomise(unet)
    x, picture = clips(), random(CLIPS, 4, 1, SIZE, SIZE, seed=8)
    at = FRAMES // 2 if position == MIDDLE else 0
    found = unet(x, **told(), reference=picture)
    longer = unet(torch.cat([x[:, :, :at], picture, x[:, :, at:]], 2), **told())
    assert found.shape == x.shape
    kept = [frame for frame in range(FRAMES + 1) if frame != at]
    torch.testing.assert_close(found, longer[:, :, kept])


def test_every_frame_attends_to_the_scene_picture_of_its_clip():
    block = TransformerBlock(32, 16, 2, torch.nn, scene=True).eval().requires_grad_(False)
    randomise(block)
    x, context = random(CLIPS * FRAMES, 9, 32, seed=9), random(CLIPS, 4, 16, seed=10)
    found = block(x, context, plain_attention, scene=1)
    n = block.norm1(x)
    for row in range(CLIPS * FRAMES):
        clip, own, picture = row // FRAMES, n[row][None], n[row // FRAMES * FRAMES + 1][None]
        wanted = x[row] + block.attn1(own, own, plain_attention)
        wanted = wanted + block.attn_scene(own, picture, plain_attention)
        asked = block.norm2(wanted)
        wanted = wanted + block.attn2(asked, context[clip][None], plain_attention)
        wanted = wanted + block.ff(block.norm3(wanted))
        torch.testing.assert_close(found[row][None], wanted, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("position", ["first", MIDDLE])
@pytest.mark.parametrize("attends", [False, True])
def test_without_layers_over_time_attention_alone_sees_the_scene_picture(position, attends):
    config = replace(SMALL, scene_attention=attends)
    unet = VideoStudioUNet(config, reference_position=position).eval().requires_grad_(False)
    randomise(unet)
    silence_time(unet)
    x, picture = clips(), random(CLIPS, 4, 1, SIZE, SIZE, seed=8)
    changed = picture.clone()
    changed[1] += 1
    moved = unet(x, **told(), reference=changed) - unet(x, **told(), reference=picture)
    assert float(moved[0].abs().max()) < 1e-5
    assert (moved[1].abs().amax((0, 2, 3)) > 1e-4).all() == attends
    if attends:
        alone = VideoStudioUNet(SMALL).eval()
        alone.load_state_dict(unet.state_dict(), strict=False)
        with torch.no_grad():
            torch.testing.assert_close(unet(x, **told()), alone(x, **told()))


def test_clips_of_a_batch_are_apart(small):
    x, given = clips(), told(action=torch.rand(CLIPS, 400))
    together = small(x, **given)
    for number in range(CLIPS):
        alone = small(
            x[number : number + 1], **{name: v[number : number + 1] for name, v in given.items()}
        )
        torch.testing.assert_close(together[number : number + 1], alone, atol=1e-5, rtol=1e-4)


def test_odd_sizes_come_back_as_they_were(small):
    x = random(1, 4, 2, 9, 11)
    given = {name: value[:1] for name, value in told().items()}
    assert small(x, **given).shape == x.shape


def test_an_action_inside_attention_is_added_in_every_block():
    config = VideoStudioConfig(
        **{**vars(SMALL), "action_place": IN_ATTENTION},
    )
    unet = VideoStudioUNet(config).eval().requires_grad_(False)
    randomise(unet)
    assert unet.action_prob_embedding is None
    action = torch.rand(CLIPS, 400)
    before = unet(clips(), **told(action=action))
    assert not torch.allclose(before, unet(clips(), **told(action=action * 0)))
    torch.testing.assert_close(unet(clips(), **told(action=action * 0)), unet(clips(), **told()))


def test_what_is_missing_is_said(small):
    with pytest.raises(ValueError, match="image tokens are missing; give it conditioning"):
        small(clips(), **told(context=None))
    with pytest.raises(ValueError, match="takes no ControlNet"):
        small(clips(), **told(), control={"output": []})
