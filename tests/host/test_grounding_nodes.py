"""The layout nodes on a scene of a plan."""

import pytest
import torch
from video_director.attention_patches.grounding_modules import TextTokens
from video_director.attention_patches.grounding_patch import TOKENS
from video_director.nodes.grounding_nodes import ApplyGrounding, EncodeLayout
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
