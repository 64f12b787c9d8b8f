"""What reference attention is trained on in the miniature, and that it learns there."""

import argparse

import numpy as np
import pytest
import torch
from accelerate import Accelerator
from PIL import Image
from video_director.attention_patches.reference_checkpoints import (
    GLOBAL,
    LOCAL,
    read_references,
    reference_state,
)
from video_director.miniature import train_reference
from video_director.miniature.entities import frozen_vision_model
from video_director.miniature.loader import load_miniature, load_unet
from video_director.miniature.references import (
    Encoder,
    draw_place,
    draw_told,
    image_width,
)
from video_director.miniature.training import shipped
from video_director.miniature.vision import IMAGE_SIZE
from video_director.miniature.world import draw_cutout, draw_scene, sprite_mask
from video_director.training.adapter_trainer import Settings
from video_director.training.boxed_pictures import boxed_pictures
from video_director.training.frozen_checkpoint import Parts
from video_director.training.noise import Noised
from video_director.training.reference_trainer import (
    ReferenceTrainer,
    coarse_loss,
)
from video_director.training.referenced_checkpoint import ReferencedCheckpoint
from video_director.training.referring import build_adapter

from .reference_runs import scenes, trainer_on


@pytest.fixture(scope="module")
def vision():
    return frozen_vision_model()


def drawn(vision, form=LOCAL, count=40, drop_all=0.2):
    every = scenes(count)
    encoder = Encoder(vision, form)
    return every, encoder, *draw_told(every, encoder, np.random.default_rng(0), drop_all=drop_all)


def test_things_are_told_by_their_own_cut_outs(vision):
    every, encoder, told, own = drawn(vision, drop_all=0.0)
    assert told.pictures.shape[:2] == (len(every), 4)
    for index, scene in enumerate(every):
        if not told.filled[index].any():  # told of the place alone
            assert told.behind_weight[index] == 1
            continue
        assert int(told.filled[index].sum()) == len(scene.sprites)
        for number, sprite in enumerate(scene.sprites):
            assert own[index, number].tolist() == pytest.approx(sprite.box)
            where = sprite.box if told.regional[index] else (0, 0, 1, 1)
            assert told.boxes[index, number].tolist() == pytest.approx(where)
            shown = [
                encoder.of_pictures(draw_cutout(sprite, longest)[None])[0]
                for longest in (72, 90, 108)
            ]
            distances = [float((told.pictures[index, number] - one).abs().max()) for one in shown]
            assert min(distances) < 0.02


def test_every_way_of_telling_occurs(vision):
    _, encoder, told, _ = drawn(vision)
    things, place = told.filled.any(1), told.behind_weight > 0
    assert (things & place).any()
    assert (things & ~place).any()
    assert (place & ~things).any()
    nothing = (told.pictures - encoder.none).abs().flatten(1).amax(1) == 0
    assert (nothing & things).any()  # for guidance
    assert told.regional.any()
    assert not told.regional.all()


def test_holes_in_a_place_are_not_where_its_own_things_stand():
    """Else they would tell where to draw them."""
    whole_overlap, own_cover = [], []
    for scene in scenes(30):
        cut, whole = draw_place(scene, cut=True), draw_place(scene, cut=False)
        assert cut.shape == (IMAGE_SIZE, IMAGE_SIZE, 3)
        hole = (cut != whole).any(-1)
        assert hole.any()
        own = np.maximum.reduce([sprite_mask(sprite) for sprite in scene.sprites]) > 0.5
        whole_overlap.append((hole & own).sum() / own.sum())
        own_cover.append(hole.mean())
    # As much of the things as of any other place.
    assert abs(np.mean(whole_overlap) - np.mean(own_cover)) < 0.1


@pytest.mark.parametrize("form", [LOCAL, GLOBAL])
def test_only_the_adapter_learns(vision, form, tmp_path):
    trainer = trainer_on(vision, form)
    silent = trainer.paired_losses(trainer.base.draw(0, drop_all=0.0))
    assert silent == pytest.approx(dict.fromkeys(silent, silent["right"]))
    before = {key: value.clone() for key, value in trainer.base.unet.state_dict().items()}
    trainer.run(tmp_path / "last.pt", every=3)
    for key, value in trainer.base.unet.state_dict().items():
        assert torch.equal(value, before[key])
    for layer in trainer.model.layers:
        for values in (layer.to_v_ip, layer.to_v_ip_bg):
            assert float(values.weight.detach().abs().max()) > 0
    again = read_references(reference_state(trainer.averaged()), "trained")
    assert (again.layout, again.parts_background) == (form, True)
    told = trainer.paired_losses(trainer.base.draw(0, drop_all=0.0))
    assert len(set(told.values())) == 3


def test_attention_is_taught_to_find_its_own_picture(vision):
    trainer = trainer_on(vision, LOCAL, steps=40)
    trainer.settings = argparse.Namespace(**{**vars(trainer.settings), "warm_up": 40})
    first = trainer.update()["attention"]
    batch = trainer.base.draw(0, drop_all=0.0)
    trainer.base.draw = lambda step, drop_all: batch
    told = [trainer.update()["attention"] for _ in range(25)]
    assert told[-1] < 0.8 * told[0]
    assert first > 0


def test_a_guide_learns_along_and_comes_back_from_a_checkpoint(vision, tmp_path):
    class Guide(torch.nn.Linear):
        def __init__(self):
            super().__init__(1, 1)

        def loss(self, batch, noised):
            return (self(noised.share.flatten()[:, None]) - 3).square().mean()

    trainers = []
    for _ in range(2):
        trainer = trainer_on(vision, GLOBAL)
        settings = Settings(3, 1, 1e-2, 0, guide=Guide())
        trainers.append(
            ReferenceTrainer(trainer.base, trainer.model, settings, Accelerator(cpu=True))
        )
    first, second = trainers
    before = first.settings.guide.weight.detach().clone()
    first.run(tmp_path / "last.pt", every=3)
    assert not torch.equal(first.settings.guide.weight, before)
    second.resume(tmp_path / "last.pt")
    assert second.step == 3
    assert torch.equal(second.settings.guide.weight, first.settings.guide.weight)


def test_the_coarse_loss_sees_a_tint_and_hardly_noise():
    clean = torch.zeros(4, 8, 16, 16)
    noised = Noised(clean, clean, torch.full((4, 1, 1, 1), 0.5), torch.ones(4, 1, 1, 1))
    assert float(coarse_loss(clean + 0.1, noised)) == pytest.approx(0.01)
    noise = torch.randn(clean.shape, generator=torch.Generator().manual_seed(0))
    assert float(coarse_loss(noise, noised)) == pytest.approx(1 / 16, rel=0.2)


@pytest.mark.parametrize("learn", ["things", "places"])
def test_one_attention_learns_and_the_other_stays(learn):
    options = train_reference._options(["--learn", learn])
    model = build_adapter(load_unet().model.diffusion_model, LOCAL, image_width(LOCAL), 128)
    train_reference._take_shipped(model, options, "reference")
    now = shipped("reference", "reference")
    learning = {name for name, p in model.named_parameters() if p.requires_grad}
    parts = ("to_k_ip_bg", "to_v_ip_bg") if learn == "places" else ("to_k_ip.", "to_v_ip.")
    assert learning == {
        name for name, _ in model.named_parameters() if any(part in name for part in parts)
    }
    state = train_reference._state(model, learn, "reference")
    assert state.keys() == now.keys()
    for key, value in state.items():
        own = any(part in key for part in parts)
        assert torch.equal(value.half(), now[key].half()) == (not own), key


def test_other_forms_of_tokens_are_refused(vision):
    with pytest.raises(ValueError, match="tokens are 'resampled tokens'; they can be local"):
        build_adapter(load_unet().model.diffusion_model, "resampled tokens", 8, 8)


@pytest.fixture
def captioned(tmp_path):
    """Pictures with captions in text files, one with a note that has no boxes."""
    for number, scene in enumerate(scenes(6, 3)):
        Image.fromarray(draw_scene(scene)).save(tmp_path / f"{number}.png")
        (tmp_path / f"{number}.txt").write_text("a drawing\n")
    (tmp_path / "0.json").write_text('{"caption": "told twice"}')
    return tmp_path


@pytest.mark.parametrize("form", [LOCAL, GLOBAL])
def test_the_same_trainer_learns_on_a_checkpoints_objects(captioned, form, tmp_path):
    pictures = boxed_pictures(str(captioned), 128, 0, boxes=False)
    parts = Parts(*load_miniature(), "0" * 64)
    base = ReferencedCheckpoint(form, parts, pictures, 3, 0, torch.device("cpu"))
    batch = base.draw(0, drop_all=0.0)
    assert batch.told.filled.any()  # something stood out
    for index in range(3):
        x0, y0, x1, y1 = batch.own[index, 0]
        if batch.told.filled[index, 0]:
            assert x0 < x1
            assert y0 < y1
            assert not torch.equal(batch.told.pictures[index, 0], base.none)
        else:
            assert torch.equal(batch.told.pictures[index, 0], base.none)
        assert not torch.equal(batch.told.behind[index], base.none)
    torch.manual_seed(0)
    model = build_adapter(base.unet, form, base.image_width, base.text_width)
    trainer = ReferenceTrainer(base, model, Settings(2, 1, 1e-2, 0), Accelerator(cpu=True))
    trainer.run(tmp_path / "last.pt", every=2)
    assert read_references(reference_state(trainer.averaged()), "trained").layout == form


def test_captions_are_read_from_either_kind_of_note(captioned):
    pictures = boxed_pictures(str(captioned), 32, 0, boxes=False)
    captions = sorted(next(pictures).caption for _ in range(6))
    assert captions == ["a drawing"] * 5 + ["told twice"]
    with pytest.raises(ValueError, match=r"its JSON must be .*KeyError: 'boxes'"):
        next(boxed_pictures(str(captioned), 32, 0))


def test_without_an_image_encoder_nothing_is_learnt(captioned):
    model, clip, vae, _ = load_miniature()
    pictures = boxed_pictures(str(captioned), 128, 0, boxes=False)
    parts = Parts(model, clip, vae, None, "0" * 64)
    with pytest.raises(ValueError, match="give an image encoder with --clip-vision"):
        ReferencedCheckpoint(LOCAL, parts, pictures, 2, 0, torch.device("cpu"))
