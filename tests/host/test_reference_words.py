"""What reference attention learns from words for what pictures show."""

from contextlib import nullcontext
from dataclasses import replace

import numpy as np
import pytest
import torch
from video_director.attention_patches.reference_checkpoints import (
    LOCAL,
)
from video_director.attention_patches.unet_blocks_patch import transformers
from video_director.miniature import train_reference
from video_director.miniature.batches import Batch, frozen_text_model
from video_director.miniature.entities import frozen_vision_model
from video_director.miniature.pool import cell_owners
from video_director.miniature.references import (
    Encoder,
    draw_told,
)
from video_director.miniature.world import sample_scene
from video_director.training import adapter_trainer
from video_director.training.attention_with_gradients import attention_with_gradients
from video_director.training.reference_trainer import (
    teaching_loss,
)
from video_director.training.referring import Referring, Words

from .reference_runs import scenes, trainer_on


@pytest.fixture(scope="module")
def vision():
    return frozen_vision_model()


@pytest.fixture(autouse=True)
def single_precision(monkeypatch):
    """What is compared exactly, on processors that would train in bfloat16 too."""
    monkeypatch.setattr(adapter_trainer, "mixed_precision", lambda device: nullcontext())


def test_teaching_counts_where_words_and_pictures_tell_the_same():
    taught = torch.zeros(2, 8, 4, 4)
    where = torch.zeros(2, 4, 4)
    where[:, 1, 1] = 1
    predicted = taught.clone()
    predicted[:, :, 0, 0] = 9.0  # elsewhere
    assert float(teaching_loss(predicted, taught, where)) == 0
    predicted[:, :, 1, 1] = 2.0
    assert float(teaching_loss(predicted, taught, where)) == pytest.approx(4 / 16)


def test_the_denoiser_told_in_words_teaches(vision):
    trainer = trainer_on(vision, LOCAL)
    batch = trainer.base.draw(0, drop_all=0.0)
    noised, times = trainer.noised(batch, 0)
    inside = trainer.inside(batch)
    plain = trainer.losses(batch, noised, times, inside)[0]

    def taught_by(**changes):
        words = words_for(batch, covered=torch.ones(6, 16, 16), **changes)
        return trainer.losses(replace(batch, words=words), noised, times, inside)[0]

    # The new attention is silent at first, so that the same words draw the same.
    assert float(taught_by().detach()) == pytest.approx(float(plain.detach()), rel=1e-4)
    others = batch.context.roll(1, 0)
    assert float(taught_by(caption=others, counts=torch.arange(6) < 0).detach()) == pytest.approx(
        float(plain.detach()), rel=1e-4
    )
    loss = taught_by(caption=others)
    assert float(loss.detach()) > float(plain.detach()) * 1.001
    loss.backward()
    assert all(layer.to_v_ip.weight.grad.abs().max() > 0 for layer in trainer.model.layers)
    assert all(p.grad is None for p in trainer.base.unet.parameters())


def words_for(batch, **changes):
    """Words that say the same as the batch's own, in all rows."""
    count = len(batch.latents)
    nothing = batch.context[:0]
    told = Words(
        caption=batch.context,
        looks=nothing,
        bare=nothing,
        rows=torch.zeros(0, dtype=torch.long),
        theirs=torch.zeros(0, 16, 16),
        covered=torch.zeros(count, 16, 16),
        counts=torch.ones(count, dtype=torch.bool),
    )
    return replace(told, **changes)


def missed(trainer, batch, words):
    """What the layers miss, with gradients."""
    noised, times = trainer.noised(batch, 0)
    return trainer.losses(replace(batch, words=words), noised, times, None)[0]


def test_layers_learn_what_other_words_would_bring(vision):
    trainer = trainer_on(vision, LOCAL)
    batch = trainer.base.draw(0, drop_all=0.0)
    assert float(missed(trainer, batch, words_for(batch)).detach()) == 0
    words = words_for(batch, caption=batch.context.roll(1, 0))
    loss = missed(trainer, batch, words)
    # The new attention is silent at first: it brings nothing of what it should.
    assert float(loss.detach()) == pytest.approx(1, abs=1e-5)
    loss.backward()
    assert all(layer.to_v_ip.weight.grad.abs().max() > 0 for layer in trainer.model.layers)
    assert all(p.grad is None for p in trainer.base.unet.parameters())
    rows = words_for(batch, caption=words.caption, counts=torch.arange(6) < 0)
    assert float(missed(trainer, batch, rows).detach()) == 0  # none of them counts


def test_told_of_no_pictures_the_denoiser_draws_as_without(vision):
    trainer = trainer_on(vision, LOCAL)
    for layer in trainer.model.layers:
        for values in (layer.to_v_ip, layer.to_v_ip_bg):
            torch.nn.init.normal_(values.weight, std=0.1)
    torch.nn.init.normal_(trainer.model.image_proj.norm.bias)
    batch = trainer.base.draw(0, drop_all=1.0)
    noised, times = trainer.noised(batch, 0)

    def predicted(batch):
        referring = Referring(trainer.model, batch.told, 1.0)
        replaced = referring.replacements(trainer.base.unet)
        with torch.no_grad():
            return trainer.predict(batch, noised, times, patches_replace=replaced)

    with torch.no_grad():
        plain = trainer.predict(batch, noised, times)
    assert torch.allclose(predicted(batch), plain, atol=1e-5)
    assert not torch.allclose(predicted(trainer.base.draw(0, drop_all=0.0)), plain, atol=1e-3)


def test_each_thing_of_several_is_told_in_its_own_cells(vision):
    """By a phrase of its own there, by the caption elsewhere; against attention written out."""
    trainer = trainer_on(vision, LOCAL)
    batch = trainer.base.draw(0, drop_all=0.0)
    generator = torch.Generator().manual_seed(3)
    phrases = [torch.randn(2, 77, 128, generator=generator) for _ in range(2)]
    theirs = torch.zeros(2, 16, 16)
    theirs[0, :8], theirs[1, 8:, :4] = 1, 1
    words = words_for(
        batch,
        caption=batch.context.roll(1, 0),
        looks=phrases[0],
        bare=phrases[1],
        rows=torch.tensor([4, 4]),
        theirs=theirs,
    )
    place, block = next(iter(transformers(trainer.base.unet).items()))
    referring = Referring(trainer.model, batch.told, 1.0, words)
    layer = referring.replacements(trainer.base.unet)["attn2"][place]
    attention = block.attn2
    q = attention.to_q(torch.randn(6, 256, 64, generator=generator))
    heads = attention.heads

    def plainly(context):
        keys, values = attention.to_k(context), attention.to_v(context)
        return attention_with_gradients(q, keys, values, heads)

    def of_row(context):
        return plainly(context[None].expand(6, -1, -1))[4]

    text = plainly(batch.context)
    wanted, _ = layer._wanted(
        q, text, words, lambda *parts: attention_with_gradients(*parts[:3], heads, parts[3])
    )
    brought = plainly(words.caption) - text
    assert torch.allclose(wanted[:4], brought[:4], atol=1e-5)
    own = [of_row(looks) - of_row(bare) for looks, bare in zip(*phrases, strict=True)]
    for cell, expected in ((5, own[0]), (8 * 16 + 2, own[1]), (8 * 16 + 9, brought[4])):
        assert torch.allclose(wanted[4, cell], expected[cell], atol=1e-5)


def words_of(every, vision):
    """What the training on drawings is told of them: pictures, and words for those."""
    drawings = train_reference.Drawings.__new__(train_reference.Drawings)
    drawings.phrases = train_reference.Phrases(frozen_text_model())
    drawings.encoder = Encoder(vision, LOCAL)
    told, _ = draw_told(every, drawings.encoder, np.random.default_rng(0), drop_all=0.2)
    owners = torch.from_numpy(np.stack([cell_owners(scene) for scene in every]))
    context = torch.zeros(len(every), 77, 128)
    return told, drawings._words(Batch(context, context, owners, every, [], context), told)


def test_words_say_what_pictures_of_things_show(vision):
    every = scenes(40)
    told, words = words_of(every, vision)
    owners = torch.from_numpy(np.stack([cell_owners(scene) for scene in every]))
    assert len(words.rows) == sum(len(s.sprites) for s in every if len(s.sprites) > 1)
    nothing = (told.pictures == 0).flatten(1).all(-1)
    assert nothing.any()
    assert not (words.counts & nothing).any()
    assert torch.equal(words.covered, (owners >= 0).float())
    at = 0
    for row, scene in enumerate(every):
        for number, sprite in enumerate(scene.sprites if len(scene.sprites) > 1 else ()):
            assert int(words.rows[at]) == row
            assert torch.equal(words.theirs[at], (owners[row] == number).float())
            same = torch.equal(words.looks[at], words.bare[at])
            assert same == (sprite.mark == "plain")
            at += 1
        twins = len({(s.kind, s.colour) for s in scene.sprites}) < len(scene.sprites)
        if twins and not told.regional[row]:
            assert not words.counts[row]


def test_a_batch_of_single_things_needs_no_phrases(vision):
    rng = np.random.default_rng(1)
    _, words = words_of([sample_scene(rng, count=1) for _ in range(3)], vision)
    assert len(words.rows) == len(words.looks) == len(words.theirs) == 0
    assert words.covered.any()
