"""The layout nodes on a scene of a plan."""

from types import SimpleNamespace

import pytest
import torch
from video_director.attention_patches.grounding_features import picture_feature
from video_director.attention_patches.grounding_modules import (
    JointTokens,
    TextImageTokens,
    TextTokens,
)
from video_director.attention_patches.grounding_patch import TOKENS
from video_director.nodes.grounding_nodes import ApplyGrounding, EncodeLayout
from video_director.nodes.sockets import EntityReference
from video_director.planning.offline import plan_video
from video_director.planning.plan_io import scene_bundle

from .test_grounding_patch import WIDTH, patcher_of, state_of
from .tiny_runs import assert_differs, assert_same, conditioning, sample

PROMPT = "A red ball rolls from left to right across a meadow"


class Names:
    """A text encoder that gives each name a feature of its own, and remembers the names."""

    def __init__(self, width=WIDTH):
        self.width, self.asked = width, []

    def tokenize(self, text):
        self.asked.append(text)
        return text

    def encode_from_tokens(self, text, return_pooled):
        assert return_pooled == "unprojected"
        generator = torch.Generator().manual_seed(sum(map(ord, text)))
        return None, torch.randn(1, self.width, generator=generator)


@pytest.fixture
def patcher(tiny_model):
    return patcher_of(state_of(tiny_model, TextTokens(WIDTH, WIDTH)))


@pytest.fixture
def scene():
    return scene_bundle(plan_video(PROMPT, frames=4), 0)


def encode(patcher, scene, clip=None):
    positive = conditioning(scene.scene.frames, 2)
    return EncodeLayout.execute(positive, patcher, clip or Names(), scene).result[0]


def test_tokens_follow_the_plans_boxes(patcher, scene):
    clip = Names()
    [[text, options]] = encode(patcher, scene, clip)
    assert clip.asked == ["red ball"]
    tokens = options[TOKENS].tokens
    assert tokens.shape == (4, 30, WIDTH)
    assert options[TOKENS].filled.all()
    moving = tokens[:, 0]
    assert all(not torch.equal(moving[f], moving[f + 1]) for f in range(3))
    assert torch.equal(tokens[0, 1:], tokens[3, 1:])  # empty slots
    assert torch.equal(text, conditioning(4, 2)[0][0])


class Vision:
    """An image encoder whose feature is the mean colour, repeated."""

    def __init__(self, width=WIDTH):
        self.width = width

    def encode_image(self, image):
        colour = image.mean((1, 2))
        return {"image_embeds": colour.repeat(1, self.width)[:, : self.width]}


def reference(red):
    picture = torch.zeros(8, 8, 3)
    picture[..., 0], picture[..., 1] = red, 1 - red
    return {"red-ball": EntityReference(picture, None, "given")}


def joint(tiny_model, image_width=WIDTH):
    state = state_of(tiny_model, JointTokens(WIDTH, image_width, WIDTH))
    return patcher_of({**state, "head_width": torch.tensor(4)})


def told(patcher, scene, **more):
    """Tokens of the scene's only entity, told in one way or another."""
    positive = conditioning(scene.scene.frames, 2)
    encoded = EncodeLayout.execute(positive, patcher, Names(), scene, **more).result[0]
    return encoded[0][1][TOKENS].tokens


def test_pictures_tell_entities_apart(tiny_model, scene):
    patcher = joint(tiny_model)
    by_name = told(patcher, scene)
    by_both = told(patcher, scene, clip_vision=Vision(), references=reference(1.0))
    dark = told(patcher, scene, clip_vision=Vision(), references=reference(0.2))
    alone = told(
        patcher, scene, clip_vision=Vision(), references=reference(1.0), describe_by="picture"
    )
    for other in (by_name, dark, alone):
        assert not torch.allclose(by_both[:, 0], other[:, 0], atol=1e-3)
    assert torch.equal(by_both[:, 1:], by_name[:, 1:])  # empty slots
    named = told(
        patcher, scene, clip_vision=Vision(), references=reference(1.0), describe_by="text"
    )
    assert torch.equal(named, by_name)
    other = {"blue-star": reference(1.0)["red-ball"]}
    assert torch.equal(told(patcher, scene, clip_vision=Vision(), references=other), by_name)


def test_the_background_is_an_entity_when_asked(tiny_model, scene):
    patcher, clip = joint(tiny_model), Names()
    encoded = EncodeLayout.execute(conditioning(4, 2), patcher, clip, scene, background=True)
    assert clip.asked == ["red ball", "meadow"]
    tokens = encoded.result[0][0][1][TOKENS].tokens
    assert torch.equal(tokens[0, 1], tokens[3, 1])  # the place stands still
    assert not torch.allclose(tokens[0, 1], tokens[0, 2], atol=1e-3)  # and is no empty slot


def test_gligens_image_features_have_its_trainings_length(tiny_model):
    patcher = patcher_of(state_of(tiny_model, TextImageTokens(WIDTH, WIDTH)))
    clip = SimpleNamespace(cond_stage_model=SimpleNamespace(clip_l=SimpleNamespace()))
    weight = torch.randn(WIDTH, WIDTH, generator=torch.Generator().manual_seed(0))
    clip.cond_stage_model.clip_l.transformer = SimpleNamespace(
        text_projection=SimpleNamespace(weight=weight)
    )
    picture = reference(0.7)["red-ball"].picture[None]
    feature = picture_feature(patcher.model, picture, Vision(), clip)
    embedded = Vision().encode_image(picture)["image_embeds"][0]
    wanted = weight.T @ embedded
    torch.testing.assert_close(feature, 28.7 * wanted / wanted.norm())
    weight.copy_(torch.eye(WIDTH))
    with pytest.raises(ValueError, match="leave out; load clip_l.safetensors"):
        picture_feature(patcher.model, picture, Vision(), clip)
    clip.cond_stage_model = SimpleNamespace()
    with pytest.raises(ValueError, match="this CLIP has no CLIP-L"):
        picture_feature(patcher.model, picture, Vision(), clip)


def test_pictures_that_cannot_be_used_are_named(tiny_model, patcher, scene):
    with pytest.raises(ValueError, match="Encode Layout: these grounding weights are of a text-b"):
        told(patcher, scene, references=reference(1.0), describe_by="picture")
    # In Render Plan the same pictures may be a reference adapter's.
    named = told(patcher, scene)
    assert torch.equal(told(patcher, scene, references=reference(1.0)), named)
    with pytest.raises(ValueError, match="but no image encoder; connect clip_vision"):
        told(joint(tiny_model), scene, references=reference(1.0))
    with pytest.raises(ValueError, match="image features of 9 numbers, but the grounding"):
        told(joint(tiny_model), scene, clip_vision=Vision(9), references=reference(1.0))
    empty = {"red-ball": EntityReference(torch.ones(4, 4, 3), torch.zeros(4, 4), "given")}
    with pytest.raises(ValueError, match="Encode Layout: the picture of 'red-ball': its mask is"):
        told(joint(tiny_model), scene, clip_vision=Vision(), references=empty)


def test_through_a_sampler(tiny_model, patcher, scene):
    positive = encode(patcher, scene)
    [always] = ApplyGrounding.execute(tiny_model, patcher, 1.0, 0.0, 1.0).result
    [never] = ApplyGrounding.execute(tiny_model, patcher, 0.0, 0.0, 1.0).result
    plain = sample(tiny_model)
    assert_differs(sample(always, positive=positive), plain)
    assert_same(sample(never, positive=positive), plain)


def test_errors_name_what_to_change(tiny_model, patcher, scene):
    bare = scene.model_copy(update={"scene": scene.scene.model_copy(update={"layout": []})})
    with pytest.raises(ValueError, match="Encode Layout: scene 'scene-1' has no boxes"):
        encode(patcher, bare)
    with pytest.raises(ValueError, match="text features of 1024 numbers, but the grounding"):
        encode(patcher, scene, Names(1024))
    with pytest.raises(ValueError, match="make more than 1 together; lower falling to 0.30"):
        ApplyGrounding.execute(tiny_model, patcher, 0.7, 0.5, 1.0)
