"""The miniature as the host's own objects, and its training as something that can be resumed."""

import copy
import json
import shutil

import comfy.ops
import comfy.sample
import numpy as np
import pytest
import torch
from comfy.ldm.modules.diffusionmodules.openaimodel import UNetModel
from video_director.miniature import loader, train_unet
from video_director.miniature.guides import Attention
from video_director.miniature.pool import Pool, cell_owners
from video_director.miniature.text import (
    LENGTH,
    build_text_model,
    caption_rows,
    expand_table,
    known_tokens,
)
from video_director.miniature.unet import CONFIG, PositionedUNet, coordinates
from video_director.miniature.world import draw_scene, sample_scene

SMALL = {**CONFIG, "model_channels": 32, "channel_mult": [1, 2, 2]}


def small_unet():
    torch.manual_seed(1)
    unet = PositionedUNet(**copy.deepcopy(SMALL), operations=comfy.ops.disable_weight_init)
    for value in unet.parameters():
        torch.nn.init.normal_(value, std=0.05)
    return unet.eval()


@pytest.fixture(scope="module")
def miniature():
    return loader.load_miniature()


def test_positioned_unet_is_the_hosts_with_coordinates_joined():
    unet = small_unet()
    plain = UNetModel(
        **{**copy.deepcopy(SMALL), "in_channels": 16}, operations=comfy.ops.disable_weight_init
    )
    plain.load_state_dict(unet.state_dict())
    x, times, context = (
        torch.randn(3, 8, 16, 24),
        torch.tensor([5, 500, 900]),
        torch.randn(3, 7, 128),
    )
    joined = torch.cat([x, coordinates(16, 24).expand(3, -1, -1, -1)], 1)
    with torch.no_grad():
        got = unet(x, times, context, transformer_options={})
        wanted = plain.eval()(joined, times, context, transformer_options={})
    torch.testing.assert_close(got, wanted)


def test_coordinates_tell_every_cell_apart():
    cells = coordinates(16, 16)[0].flatten(1).T
    assert torch.cdist(cells, cells).add(torch.eye(256)).min() > 0.05


def test_training_attention_is_the_hosts_attention():
    unet = small_unet()
    x, times, context = (
        torch.randn(2, 8, 16, 16),
        torch.tensor([5, 900]),
        torch.randn(2, LENGTH, 128),
    )
    attention = Attention()
    with torch.no_grad():
        plain = unet(x, times, context, transformer_options={})
        options = {"optimized_attention_override": attention}
        torch.testing.assert_close(
            unet(x, times, context, transformer_options=options), plain, rtol=1e-4, atol=1e-4
        )
    assert [tuple(map_.shape) for map_ in attention.maps] == [(2, 256, LENGTH)] * 3


def test_prompts_are_read_as_in_training(miniature):
    """The host's CLIP with its whole table agrees with the small one that was trained."""
    from video_director.miniature.captions import Caption

    _, clip, _, _ = miniature
    tensors, _ = loader.read_weights("text_encoder")
    model = build_text_model().eval()
    model.load_state_dict(tensors, strict=False)
    caption = Caption("a red ball , above an unheard blue star in the meadow .".split())
    rows, _ = caption_rows(caption)
    with torch.no_grad():
        trained = model(input_ids=torch.tensor([rows])).last_hidden_state
    tokens = clip.tokenize(caption.text)
    encoded = clip.encode_from_tokens(tokens)
    torch.testing.assert_close(encoded, trained, rtol=1e-3, atol=1e-3)


def test_unknown_tokens_share_one_row():
    table = torch.randn(len(known_tokens()) + 1, 4)
    full = expand_table(table)
    torch.testing.assert_close(full[list(known_tokens())], table[:-1])
    others = sorted(set(range(len(full))) - set(known_tokens()))
    assert (full[others] == table[-1]).all()
    with pytest.raises(ValueError, match="rows"):
        expand_table(table[:-1])


def test_autoencoder_round_trip_keeps_the_picture(miniature):
    vae = miniature[2]
    pictures = [draw_scene(sample_scene(np.random.default_rng([3, i]))) for i in range(6)]
    images = torch.from_numpy(np.stack(pictures)).float() / 255
    latents = vae.encode(images)
    assert latents.shape == (6, 8, 16, 16)
    error = (vae.decode(latents).detach() - images).square().mean((1, 2, 3))
    assert float((-10 * error.log10()).mean()) > 28


def test_latents_are_centred_for_the_denoiser(miniature):
    model, _, vae, _ = miniature
    pictures = [draw_scene(sample_scene(np.random.default_rng([4, i]))) for i in range(24)]
    latents = vae.encode(torch.from_numpy(np.stack(pictures)).float() / 255)
    scaled = model.model.process_latent_in(latents)
    assert scaled.mean().abs() < 0.15
    assert 0.8 < float(scaled.std()) < 1.2
    torch.testing.assert_close(model.model.process_latent_out(scaled), latents)


def test_image_encoder_gives_256_local_tokens(miniature):
    picture = torch.from_numpy(draw_scene(sample_scene(np.random.default_rng(1)))).float() / 255
    seen = miniature[3].encode_image(picture[None])
    assert seen["penultimate_hidden_states"].shape == (1, 257, 128)
    assert seen["image_embeds"].shape == (1, 128)


def test_changed_weights_are_refused(tmp_path, monkeypatch):
    for name in ("unet.safetensors", "unet.json"):
        shutil.copy(loader.WEIGHTS / name, tmp_path / name)
    monkeypatch.setattr(loader, "WEIGHTS", tmp_path)
    loader.read_weights("unet")
    note = tmp_path / "unet.json"
    note.write_text(json.dumps({**json.loads(note.read_text()), "sha256": "0" * 64}))
    with pytest.raises(ValueError, match="install the pack again"):
        loader.read_weights("unet")
    (tmp_path / "unet.safetensors").unlink()
    with pytest.raises(FileNotFoundError, match=r"unet\.safetensors is missing"):
        loader.read_weights("unet")


class _Run:
    """A tiny training run in a folder of its own."""

    def __init__(self, monkeypatch, folder):
        monkeypatch.setattr(train_unet, "CHECKPOINT", folder / "last.pt")
        monkeypatch.setattr(train_unet, "CONFIG", SMALL)
        scenes = [sample_scene(np.random.default_rng([9, i])) for i in range(12)]
        owners = torch.from_numpy(np.stack([cell_owners(scene) for scene in scenes]))
        generator = torch.Generator().manual_seed(2)
        self.pool = Pool(torch.randn(12, 8, 16, 16, generator=generator).half(), owners, scenes)
        torch.manual_seed(5)
        self.text = build_text_model().eval().requires_grad_(False)

    def trainer(self):
        options = train_unet._options(["--steps", "40", "--batch", "4"])
        sampler = train_unet.Sampler(self.pool, self.text, options.batch, options.seed)
        return train_unet.Trainer(options), sampler


def test_resumed_training_goes_the_same_way(monkeypatch, tmp_path):
    run = _Run(monkeypatch, tmp_path)
    straight, sampler = run.trainer()
    for _ in range(2):
        straight.update(sampler.draw(straight.step))
    straight.save()
    for _ in range(2):
        straight.update(sampler.draw(straight.step))
    resumed, sampler = run.trainer()
    resumed.resume()
    assert resumed.step == 2
    for _ in range(2):
        resumed.update(sampler.draw(resumed.step))
    for name, value in straight.unet.state_dict().items():
        torch.testing.assert_close(resumed.unet.state_dict()[name], value, rtol=1e-4, atol=1e-6)


def test_training_learns(monkeypatch, tmp_path):
    trainer, sampler = _Run(monkeypatch, tmp_path).trainer()
    told = [trainer.update(sampler.draw(0)) for _ in range(12)]
    for name in ("noise", "place", "content"):
        assert told[-1][name] < told[0][name], name
