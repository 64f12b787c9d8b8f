"""What the layout fusers are trained on: targets, entities, and files that are read back."""

import json
import shutil

import numpy as np
import pytest
import torch
from video_director.attention_patches.grounding_checkpoints import (
    JOINT,
    grounding_state,
    read_grounding,
)
from video_director.attention_patches.grounding_modules import Entities
from video_director.miniature.batches import frozen_text_model
from video_director.miniature.entities import (
    SLOTS,
    Features,
    draw_entities,
    frozen_vision_model,
    phrase_of,
)
from video_director.miniature.loader import load_grounding
from video_director.miniature.training import WEIGHTS
from video_director.miniature.unet import CONFIG, PositionedUNet
from video_director.miniature.world import draw_cutout, sample_scene
from video_director.training.fusing import Fusing, Widths, box_targets, build_grounding

WIDTHS = Widths(128, 128, 128, 32)


@pytest.fixture(scope="module")
def features():
    return Features(frozen_text_model(), frozen_vision_model())


@pytest.fixture(scope="module")
def unet():
    import comfy.ops

    torch.manual_seed(0)
    unet = PositionedUNet(**CONFIG, operations=comfy.ops.disable_weight_init)
    for parameter in unet.parameters():
        torch.nn.init.normal_(parameter, std=0.05)
    return unet.eval().requires_grad_(False)


def scenes(count):
    rng = np.random.default_rng(5)
    return [sample_scene(rng) for _ in range(count)]


def asked(*boxes, slots=3):
    """One picture with boxes of text only."""
    filled = torch.zeros(1, slots, dtype=torch.bool)
    filled[0, : len(boxes)] = True
    places = torch.zeros(1, slots, 4)
    places[0, : len(boxes)] = torch.tensor(boxes)
    nothing = torch.zeros(1, slots, 4)
    return Entities(places, nothing, nothing, filled, filled & False)


def test_cells_attend_to_the_box_that_covers_them():
    target = box_targets(asked((0.0, 0.0, 0.5, 0.5), (0.5, 0.5, 1.0, 1.0)), 4, 4)
    grid = target.view(4, 4, 3)
    assert grid[0, 0].tolist() == grid[1, 1].tolist() == [1, 0, 0]
    assert grid[3, 2].tolist() == [0, 1, 0]
    assert grid[0, 3].tolist() == [0, 0, 1]  # the empty slot
    assert torch.allclose(target.sum(-1), torch.ones(1, 16))


def test_partly_covered_and_shared_cells_are_shared():
    [part] = box_targets(asked((0.0, 0.0, 0.125, 1.0)), 4, 4).view(1, 4, 4, 3)
    assert part[0, 0].tolist() == [0.5, 0.25, 0.25]
    [shared] = box_targets(asked((0.0, 0.0, 0.5, 1.0), (0.0, 0.0, 1.0, 1.0)), 4, 4).view(1, 4, 4, 3)
    assert shared[0, 0].tolist() == [0.5, 0.5, 0]
    assert shared[0, 3].tolist() == [0, 1, 0]


def test_every_sprite_has_a_box_and_text_or_a_picture(features):
    drawn = scenes(40)
    made = draw_entities(drawn, features, np.random.default_rng(0), drop_all=0.0, background=0.0)
    assert made.filled.sum(1).tolist() == [len(scene.sprites) for scene in drawn]
    both = (made.has_text & made.has_image).sum() / made.filled.sum()
    assert 0.15 < float(both) < 0.5
    for index, scene in enumerate(drawn):
        for slot, sprite in enumerate(scene.sprites):
            assert made.boxes[index, slot].tolist() == pytest.approx(sprite.box)
    assert (made.text[made.has_text].abs().sum(-1) > 0).all()
    torch.testing.assert_close(
        made.image[made.has_image].norm(dim=-1), torch.ones(int(made.has_image.sum()))
    )
    assert not made.text[~made.has_text].any()
    assert not made.image[~made.has_image].any()


def test_pictures_without_boxes_and_places_that_have_one(features):
    rng = np.random.default_rng(0)
    none = draw_entities(scenes(5), features, rng, drop_all=1.0)
    assert not none.filled.any()
    places = draw_entities(scenes(5), features, rng, drop_all=0.0, background=1.0)
    for index, scene in enumerate(scenes(5)):
        assert places.boxes[index, len(scene.sprites)].tolist() == [0, 0, 1, 1]
    assert places.boxes.shape == (5, SLOTS, 4)


def test_phrases_name_kind_and_colour():
    rng = np.random.default_rng(1)
    for scene in scenes(20):
        for sprite in scene.sprites:
            assert f"{sprite.colour} {sprite.kind}" in phrase_of(sprite, rng)


@pytest.mark.parametrize("longest", [64, 112])
def test_cutouts_stand_in_the_middle_of_grey(longest):
    for scene in scenes(6):
        picture = draw_cutout(scene.sprites[0], longest)
        touched = np.abs(picture.astype(int) - 127).max(-1) > 3
        rows, columns = np.flatnonzero(touched.any(1)), np.flatnonzero(touched.any(0))
        assert abs(rows.min() + rows.max() - 127) <= 4
        assert abs(columns.min() + columns.max() - 127) <= 4
        assert longest - 4 <= max(np.ptp(rows), np.ptp(columns)) + 1 <= longest


def test_fresh_fusers_are_silent_and_then_heard(unet):
    torch.manual_seed(0)
    model = build_grounding(unet, WIDTHS)
    assert len(model.places) == 10
    tokens = model.position_net(asked_for_unet())

    def run(fusing):
        latents = torch.randn(1, CONFIG["in_channels"], 16, 16, generator=torch.Generator())
        context = torch.randn(1, 77, CONFIG["context_dim"], generator=torch.Generator())
        patches = {} if fusing is None else {"middle_patch": [fusing]}
        with torch.no_grad():
            return unet(
                latents, torch.tensor([500]), context, transformer_options={"patches": patches}
            )

    plain = run(None)
    torch.testing.assert_close(run(Fusing(model, tokens, 1.0, states_only=False)), plain)
    for fuser in model.fusers:
        torch.nn.init.normal_(fuser.attn.to_out[0].weight, std=0.5)
    assert not torch.allclose(run(Fusing(model, tokens, 1.0, states_only=False)), plain, atol=1e-3)


def asked_for_unet():
    boxes = torch.tensor([[[0.1, 0.1, 0.5, 0.5]]])
    feature, there = torch.ones(1, 1, 128), torch.ones(1, 1, dtype=torch.bool)
    return Entities(boxes, feature, feature, there, there)


def test_shipped_names_are_read_back(unet):
    model = build_grounding(unet, WIDTHS)
    again = read_grounding(grounding_state(model), "grounding.safetensors")
    assert again.layout == JOINT
    assert sorted(again.places) == sorted(model.places)
    for name, number, depth in model.places:
        fuser, copy = model.fuser_at((name, number), depth), again.fuser_at((name, number), depth)
        assert fuser.heads == copy.heads
        for key, value in fuser.state_dict().items():
            assert torch.equal(copy.state_dict()[key], value)


def test_the_shipped_fusers_load_and_know_what_they_were_made_with(tmp_path, monkeypatch):
    model = load_grounding().model
    assert (model.layout, len(model.places), model.text_width) == (JOINT, 10, 128)
    assert not any(parameter.requires_grad for parameter in model.parameters())
    shutil.copytree(WEIGHTS, tmp_path / "weights")
    monkeypatch.setattr("video_director.miniature.loader.WEIGHTS", tmp_path / "weights")
    note = tmp_path / "weights" / "unet.json"
    note.write_text(json.dumps({**json.loads(note.read_text()), "sha256": "0" * 64}))
    with pytest.raises(ValueError, match="trained on the unet .* but the pack has 0000"):
        load_grounding()
