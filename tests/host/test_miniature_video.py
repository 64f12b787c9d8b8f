"""The miniature's video model: what it takes over from pictures, and how it is trained."""

import argparse
import json
from dataclasses import replace

import comfy.ops
import comfy.sample
import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader
from video_director.miniature import clip_pool, train_video
from video_director.miniature.clip_batches import Clips
from video_director.miniature.clip_truth import truth_of_clips
from video_director.miniature.clips import sample_clip
from video_director.miniature.training import WEIGHTS, shipped
from video_director.miniature.unet import CONFIG, PositionedUNet
from video_director.miniature.video import (
    VIDEO_CONFIG,
    PositionedVideoUNet,
    from_pictures,
    placed,
)
from video_director.miniature.video_loader import video_patcher
from video_director.video_models.videostudio_model import TOLD, VideoTold

CLIPS, FRAMES = 2, 3


@pytest.fixture(scope="module")
def still():
    return {key: value.float() for key, value in shipped("unet", "unet").items()}


def random(*shape, seed):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


@torch.no_grad()
def test_it_begins_as_the_denoiser_of_pictures_without_words(still):
    """Every frame as the denoiser draws it when its cross-attention says nothing."""
    ours = PositionedVideoUNet(VIDEO_CONFIG).eval()
    copied = from_pictures(ours, still)
    share = sum(dict(ours.named_parameters())[name].numel() for name in copied)
    assert share > 0.6 * sum(value.numel() for value in still.values())
    pictures = PositionedUNet(**CONFIG, operations=comfy.ops.disable_weight_init).eval()
    pictures.load_state_dict(still)
    for name, parameter in pictures.named_parameters():
        if ".attn2.to_out." in name:
            parameter.zero_()
    x, times = random(CLIPS, 8, FRAMES, 16, 16, seed=1), torch.tensor([30.0, 800.0])
    tokens = random(CLIPS, 5, VIDEO_CONFIG.context_width, seed=2)
    action = torch.rand(CLIPS, 400)
    found = ours(x, times, tokens, action=action, image_pooled=tokens[:, 0])
    for frame in range(FRAMES):
        wanted = pictures(x[:, :, frame], times, tokens, transformer_options={})
        torch.testing.assert_close(found[:, :, frame], wanted, atol=1e-4, rtol=1e-4)


def test_patches_of_the_scene_picture_know_their_place():
    found = placed(random(2, 1 + 16, 5, seed=3))
    assert found.shape == (2, 17, 5 + 8)
    assert float(found[:, 0, 5:].abs().max()) == 0
    distances = torch.cdist(found[0, 1:, 5:], found[0, 1:, 5:]).fill_diagonal_(9)
    nearest = distances[5].topk(4, largest=False).indices  # second row, second column
    assert sorted(nearest.tolist()) == [1, 4, 6, 9]
    with pytest.raises(ValueError, match="12 image tokens arrived"):
        placed(random(1, 12, 5, seed=4))


def test_the_host_samples_it_in_the_latents_of_the_autoencoder(still):
    unet = PositionedVideoUNet(VIDEO_CONFIG)
    from_pictures(unet, still)
    record = json.loads((WEIGHTS / "unet.json").read_text())["config"]
    model = video_patcher(unet.state_dict(), record, "first")
    scene = random(1, 8, 16, 16, seed=4)
    told = VideoTold(scene, random(1, VIDEO_CONFIG.image_width, seed=5), torch.zeros(1, 400), 6.0)
    more = {"pooled_output": random(1, 128, seed=6), TOLD: told, "width": 128, "height": 128}
    asked = [[random(1, 5, VIDEO_CONFIG.context_width, seed=7), more]]
    seen = []
    model.set_model_unet_function_wrapper(
        lambda apply, call: (
            seen.append(call["c"]["reference"])
            or apply(call["input"], call["timestep"], **call["c"])
        )
    )
    empty = torch.zeros(1, 8, FRAMES, 16, 16)
    noise = random(*empty.shape, seed=8)
    clip = comfy.sample.sample(
        model, noise, 2, 1.0, "euler", "normal", asked, asked, empty, disable_pbar=True, seed=1
    )
    assert clip.shape == empty.shape
    assert torch.isfinite(clip).all()
    mean, std = (torch.tensor(record[f"latent_{name}"])[:, None, None] for name in ("mean", "std"))
    torch.testing.assert_close(seen[0][0, :, 0], ((scene - mean) / std)[0], atol=1e-5, rtol=1e-5)
    drawn = (clip[0].transpose(0, 1) - mean) / std  # what came out is in the autoencoder's again
    assert 0.3 < float(drawn.std()) < 3


@pytest.fixture
def trained(tmp_path, monkeypatch):
    """A training of a few steps on a few clips, its files in a folder of their own."""
    monkeypatch.setattr(clip_pool, "RUNS", tmp_path)
    monkeypatch.setattr(clip_pool, "SHARD", 4)
    monkeypatch.setattr(train_video, "CHECKPOINT", tmp_path / "last.pt")
    options = argparse.Namespace(
        seed=1, steps=4, rate=1e-3, deciding=0.5, from_shipped=False, hold=2
    )
    kinds = (clip_pool.MOVING, clip_pool.STILL, clip_pool.CAMERA)
    pool, *still = (clip_pool.load_clip_pool(1, 1, kind) for kind in kinds)
    return options, pool, Clips(pool, still, 2, 1)


def test_a_few_steps_change_what_is_new_most(trained):
    options, _, clips = trained
    trainer = train_video.Trainer(options)
    before = {key: value.clone() for key, value in trainer.unet.state_dict().items()}
    losses = [list(trainer.update(clips.draw(step)).values()) for step in range(3)]
    assert torch.tensor(losses).isfinite().all()
    after = trainer.unet.state_dict()
    action = "action_prob_embedding.linear_2.weight"
    assert float((after[action] - before[action]).abs().max()) > 0
    trainer.save()
    again = train_video.Trainer(options)
    again.resume()
    assert again.step == 3
    losses = [one.update(clips.draw(3)) for one in (again, trainer)]
    torch.testing.assert_close(*losses, rtol=1e-4, atol=1e-6)


def losses_of(trainer, batch, step):
    return trainer.losses(trainer.noised(batch, step), batch.truth, batch.told)


def test_the_guide_reads_where_things_are_in_every_frame(trained):
    """Readers that are taught on one call's hidden states find its things again."""
    options, _, clips = trained
    trainer, batch = train_video.Trainer(options), clips.draw(0)
    first = float(losses_of(trainer, batch, 0)[1].detach())
    trainer.guide._deepest = trainer.guide._deepest.detach()
    trainer.guide._last = trainer.guide._last.detach()
    learning = torch.optim.Adam(trainer.guide.parameters(), lr=0.05)
    for _ in range(60):
        learning.zero_grad()
        loss = trainer.guide(batch.truth.inside)
        loss.backward()
        learning.step()
    assert float(loss.detach()) < 0.5 * first
    assert not any(name.startswith("guide") for name in trainer.unet.state_dict())


def test_attention_is_held_for_clear_clips_only_and_then_let_go(trained):
    """The same batch at the same step, with attention free and held."""
    options, _, clips = trained
    batch = clips.draw(0, still=0.0)

    def loss(timestep, hold):
        trainer = train_video.Trainer(argparse.Namespace(**{**vars(options), "hold": hold}))
        trainer.curve = ((0.0, timestep), (1.0, timestep + 1))
        torch.manual_seed(4)
        with torch.no_grad():
            for block in trainer.unet.up_blocks[-1].attentions:  # silent at first
                block.transformer_blocks[0].attn_scene.to_out[0].weight.normal_(0, 0.3)
        losses = trainer.update(batch)
        assert float(losses["pointed"]) > 0
        assert trainer.transport.attention.held is None
        return float(losses["noise"])

    assert loss(200, 0) != pytest.approx(loss(200, 2), rel=1e-5)
    assert loss(900, 0) == loss(900, 2)


def test_clips_are_noised_no_further_than_they_show_their_camera(trained):
    """At the noisiest of timesteps, of batches in which the camera moves in every second clip."""
    options, _, clips = trained
    trainer = train_video.Trainer(options)
    trainer.curve = ((0.0, 998.0), (1.0, 999.0))
    batches = [clips.draw(step, still=1.0) for step in range(12)]
    assert {bool(one) for batch in batches for one in batch.camera} == {False, True}
    for batch in batches:
        clear = trainer.noised(batch, 0).share.flatten().sqrt()
        assert torch.equal(clear > 0.1, batch.camera)


def test_without_gradients_the_same_is_told_of_noise_and_places(trained):
    options, _, clips = trained
    trainer, batch = train_video.Trainer(options), clips.draw(1)
    *learning, pointed = losses_of(trainer, batch, 1)
    assert float(pointed.detach()) != 0
    with torch.no_grad():
        *told, silent = losses_of(trainer, batch, 1)
    torch.testing.assert_close(told, [one.detach() for one in learning])
    assert float(silent) == 0
    pairs = trainer.paired_losses(batch)
    assert pairs["right"] == pytest.approx(pairs["none"], rel=1e-3)  # silent at first
    assert set(pairs) == {"right", "other", "none", "places_right", "places_other", "places_none"}


def test_what_a_moving_camera_sees_covers_what_it_moved(trained):
    rng = np.random.default_rng(3)
    clip = replace(sample_clip(rng), direction="left", speed=0.03)
    still = truth_of_clips([replace(clip, direction="static")]).inside[0]
    seen = truth_of_clips([clip]).inside[0]
    torch.testing.assert_close(seen[0, 0], still[0, 0])
    cells = torch.arange(16) + 0.5

    def middle(mask):
        return float((mask.sum(0) * cells).sum() / mask.sum())

    assert middle(seen[0, 4]) > middle(still[0, 4]) + 1


def test_the_pool_is_drawn_once_and_batches_come_from_the_step(trained):
    _, pool, clips = trained
    again = clip_pool.load_clip_pool(1, 1)
    assert torch.equal(again.latents, pool.latents)
    assert torch.equal(clips.latents[: len(pool.clips)], pool.latents)
    assert pool.latents.shape[2:] == (8, 16, 16)
    first, second = (clips.draw(5) for _ in range(2))
    for name, value in first.told.items():
        assert torch.equal(value, second.told[name])
    others = [clips.draw(step).latents for step in range(6, 12)]
    assert not all(torch.equal(first.latents, other) for other in others)

    assert torch.equal(first.told["reference"], first.latents[:, :, :1])
    assert 0.01 < float(first.truth.inside.mean()) < 0.5
    dropped = clips.draw(5, drop=1.0)
    for name in ("context", "action"):
        assert float(dropped.told[name].abs().max()) == 0
    assert float(dropped.told["image_pooled"].abs().max()) > 0


def test_processes_beside_the_training_choose_and_draw_the_same(trained, tmp_path, monkeypatch):
    _, pool, clips = trained
    coming = DataLoader(clips.choices, batch_size=None, sampler=range(3, 6), num_workers=2)
    for step, chosen in zip(range(3, 6), coming, strict=True):
        found, wanted = clips.tell(chosen), clips.draw(step)
        assert torch.equal(found.latents, wanted.latents)
        assert torch.equal(found.truth.sources, wanted.truth.sources)
        assert torch.equal(found.told["y"], wanted.told["y"])
    monkeypatch.setattr(clip_pool, "RUNS", tmp_path / "again")
    assert torch.equal(clip_pool.load_clip_pool(1, 1, workers=2).pictures, pool.pictures)


def test_latents_are_in_the_denoisers_scale(trained):
    _, _, clips = trained
    config = json.loads((WEIGHTS / "unet.json").read_text())["config"]
    assert clips.mean.flatten().tolist() == pytest.approx(config["latent_mean"])
    assert sample_clip(np.random.default_rng(0)).label is not None


def test_no_action_is_told_where_nothing_moves_and_only_there(trained):
    _, _, clips = trained
    for still in (0.0, 1.0):
        batches = [clips.draw(step, drop=0.0, still=still) for step in range(4)]
        told = [float(batch.told["action"].sum()) for batch in batches]
        assert told == [0.0 if still else float(clips.choices.batch)] * 4
    clips_at_rest = clips.choices.pools[1]
    latents = clips.latents[clips.choices.starts[1] : clips.choices.starts[2]]
    first = latents[:, :, :1]
    at_rest = torch.tensor([clip.direction == "static" for clip in clips_at_rest])
    assert at_rest.any()
    assert torch.equal(latents[at_rest], first[at_rest].expand(-1, -1, 8, -1, -1))
