"""The guide of the miniature's reference attention: what it asks, and that it teaches."""

import numpy as np
import pytest
import torch
from video_director.miniature.batches import Sampler
from video_director.miniature.loader import load_unet
from video_director.miniature.look_guide import LookGuide, LookingBatch, looks_of
from video_director.miniature.pool import Pool
from video_director.miniature.text import build_text_model
from video_director.miniature.train_reference import _weigh
from video_director.miniature.vocabulary import BACKGROUNDS, COLOURS, MARKS, TINTS
from video_director.miniature.world import sample_scene
from video_director.training.noise import add_noise, signal_shares


def scenes(count, seed=3):
    rng = np.random.default_rng(seed)
    return [sample_scene(rng) for _ in range(count)]


def owners_of(every):
    """The first sprite in the upper left quarter, the last in the lower right one."""
    owners = torch.full((len(every), 16, 16), -1, dtype=torch.int8)
    owners[:, :8, :8] = 0
    for index, scene in enumerate(every):
        owners[index, 8:, 8:] = len(scene.sprites) - 1
    return owners


def test_looks_are_those_of_what_covers_a_cell():
    every = scenes(12)
    looks = looks_of(every, owners_of(every))
    for index, scene in enumerate(every):
        for cell, sprite in ((0, scene.sprites[0]), (255, scene.sprites[-1])):
            mark, colour = looks.things[index, cell].tolist()
            assert looks.covered[index, cell]
            assert MARKS[mark] == sprite.mark
            assert [None, *COLOURS][colour] == sprite.second_colour
        assert not looks.covered[index, 15]
        place, tint = looks.places[index].tolist()
        assert (BACKGROUNDS[place], TINTS[tint]) == (scene.background, scene.tint)


@pytest.fixture
def unet():
    return load_unet().model.diffusion_model.float().requires_grad_(False)


def one_batch(every):
    generator = torch.Generator().manual_seed(0)
    latents = torch.randn(len(every), 8, 16, 16, generator=generator)
    times = torch.full((len(every),), 300)
    noised = add_noise(latents, times, signal_shares(), generator)
    looks = looks_of(every, owners_of(every))
    return LookingBatch(latents, torch.zeros(len(every), 77, 128), None, None, looks), noised, times


def test_what_readers_miss_reaches_what_the_states_came_from(unet):
    batch, noised, times = one_batch(scenes(4))
    guide = LookGuide(unet)
    context = batch.context.requires_grad_()
    unet(noised.latents, times, context)
    guide.loss(batch, noised).backward()
    assert float(context.grad.abs().max()) > 0
    assert all(float(p.grad.abs().max()) > 0 for p in guide.parameters())


def test_readers_learn_and_do_not_ask_where_things_are(unet):
    batch, noised, times = one_batch(scenes(4))
    guide = LookGuide(unet)
    optimizer = torch.optim.Adam(guide.parameters(), 1e-2)
    told = []
    for _ in range(20):
        unet(noised.latents, times, batch.context)
        told.append(guide.loss(batch, noised))
        optimizer.zero_grad()
        told[-1].backward()
        optimizer.step()
    assert float(told[-1].detach()) < 0.8 * float(told[0].detach())
    # Classes of cells that nothing covers are not asked for.
    unet(noised.latents, times, batch.context)
    one = guide.loss(batch, noised)
    batch.looks.things[~batch.looks.covered] = 0
    unet(noised.latents, times, batch.context)
    assert float(guide.loss(batch, noised).detach()) == pytest.approx(float(one.detach()))


def test_states_of_passes_without_gradients_are_not_kept(unet):
    batch, noised, times = one_batch(scenes(2))
    guide = LookGuide(unet)
    with torch.no_grad():
        unet(noised.latents, times, batch.context)
    unet(noised.latents, times, batch.context)
    assert torch.isfinite(guide.loss(batch, noised))  # of one pass, not of two


def test_marked_things_are_learnt_from_oftener_and_crowds_never():
    every = scenes(300)
    pool = Pool(torch.zeros(300, 8, 16, 16), torch.full((300, 16, 16), -1, dtype=torch.int8), every)
    sampler = Sampler(
        pool, build_text_model(), 4, 0, scale=(torch.zeros(8), torch.ones(8)), weigh=_weigh
    )

    def mean_chance(wanted):
        return np.mean([sampler.chances[at] for at, scene in enumerate(every) if wanted(scene)])

    def marked(scene):
        return sum(sprite.mark != "plain" for sprite in scene.sprites)

    assert mean_chance(lambda scene: len(scene.sprites) > 2) == 0
    assert mean_chance(lambda s: len(s.sprites) == 1 and marked(s)) == pytest.approx(
        2 * mean_chance(lambda s: len(s.sprites) == 1 and not marked(s))
    )
