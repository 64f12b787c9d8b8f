"""Layout grounding's arithmetic and modules against diffusers and closed forms."""

import math

import pytest
import torch
from diffusers.models.attention import GatedSelfAttentionDense
from diffusers.models.embeddings import GLIGENTextBoundingboxProjection
from video_director.attention_patches.functional.grounding import (
    fill_missing,
    fourier_boxes,
    grounding_scale,
)
from video_director.attention_patches.grounding_modules import (
    Entities,
    GatedSelfAttention,
    JointTokens,
    TextImageTokens,
    TextTokens,
)

BATCH, SLOTS, WIDTH, TOKEN_WIDTH = 2, 5, 24, 16


def attend(q, k, v, heads):
    q, k, v = (part.unflatten(-1, (heads, -1)).transpose(1, 2) for part in (q, k, v))
    return torch.nn.functional.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2)


def randomised(module, seed=0):
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator) * 0.3)
    return module.eval()


def same_weights(module, oracle):
    """Upstream names: the oracle must take the weights as they are named here."""
    oracle.load_state_dict(module.state_dict(), strict=True)
    return oracle.eval()


@pytest.fixture
def asked():
    generator = torch.Generator().manual_seed(1)

    def random(*shape):
        return torch.randn(BATCH, SLOTS, *shape, generator=generator)

    boxes = random(4).sigmoid()
    has_text = torch.tensor([[True, True, False, True, False]] * BATCH)
    has_image = torch.tensor([[True, False, True, False, False]] * BATCH)
    return Entities(boxes, random(WIDTH), random(WIDTH), has_text, has_image)


def test_fourier_boxes_are_sines_and_cosines_of_rising_frequency():
    box = torch.tensor([0.1, 0.2, 0.5, 0.9])
    embedded = fourier_boxes(box)
    for k in range(8):
        frequency = 100 ** (k / 8)
        for at, value in enumerate(box.tolist()):
            assert embedded[8 * k + at] == pytest.approx(math.sin(frequency * value), abs=1e-5)
            assert embedded[8 * k + 4 + at] == pytest.approx(math.cos(frequency * value), abs=1e-5)


def test_text_tokens_are_diffusers(asked):
    ours = randomised(TextTokens(WIDTH, TOKEN_WIDTH))
    oracle = same_weights(ours, GLIGENTextBoundingboxProjection(WIDTH, TOKEN_WIDTH))
    wanted = oracle(asked.boxes, asked.has_text.float(), positive_embeddings=asked.text)
    torch.testing.assert_close(ours(asked), wanted)


def test_text_image_tokens_are_diffusers(asked):
    ours = randomised(TextImageTokens(WIDTH, TOKEN_WIDTH))
    oracle = GLIGENTextBoundingboxProjection(WIDTH, TOKEN_WIDTH, feature_type="text-image")
    wanted = same_weights(ours, oracle)(
        asked.boxes,
        asked.filled.float(),
        phrases_masks=asked.has_text.float(),
        image_masks=asked.has_image.float(),
        phrases_embeddings=asked.text,
        image_embeddings=asked.image,
    )
    torch.testing.assert_close(ours(asked), wanted)


def test_joint_tokens_follow_the_formula(asked):
    ours = randomised(JointTokens(WIDTH, WIDTH, TOKEN_WIDTH))
    tokens = ours(asked)
    for slot in range(SLOTS):
        text = (
            asked.text if asked.has_text[0, slot] else ours.null_text_feature.expand(BATCH, 5, -1)
        )
        image = ours.null_image_feature.expand(BATCH, SLOTS, -1)
        image = asked.image if asked.has_image[0, slot] else image
        where = fourier_boxes(asked.boxes)
        if not asked.filled[0, slot]:
            where = ours.null_position_feature.expand(BATCH, SLOTS, -1)
        parts = ours.project_image(image), ours.project_text(text), where
        wanted = ours.linears(torch.cat(parts, dim=-1))[:, slot]
        torch.testing.assert_close(tokens[:, slot], wanted)


@pytest.mark.parametrize("kind", [TextTokens, TextImageTokens])
def test_what_is_missing_has_no_say(asked, kind):
    ours = randomised(kind(WIDTH, TOKEN_WIDTH))
    empty = ~asked.filled[..., None]
    other = Entities(
        torch.where(empty, torch.rand_like(asked.boxes), asked.boxes),
        torch.where(asked.has_text[..., None], asked.text, torch.randn_like(asked.text)),
        torch.where(asked.has_image[..., None], asked.image, torch.randn_like(asked.image)),
        asked.has_text,
        asked.has_image,
    )
    torch.testing.assert_close(ours(other), ours(asked))


@pytest.mark.parametrize("scale", [0.0, 1.0])
def test_gated_self_attention_is_diffusers(scale):
    width, heads, visual = 32, 4, 10
    ours = randomised(GatedSelfAttention(width, TOKEN_WIDTH, heads))
    oracle = same_weights(ours, GatedSelfAttentionDense(width, TOKEN_WIDTH, heads, width // heads))
    generator = torch.Generator().manual_seed(2)
    x = torch.randn(BATCH, visual, width, generator=generator)
    tokens = torch.randn(BATCH, SLOTS, TOKEN_WIDTH, generator=generator)
    got = ours(x, *ours.keys_values(tokens), attend, scale)
    wanted = oracle(x, tokens) if scale else x
    torch.testing.assert_close(got, wanted, rtol=1e-4, atol=1e-5)


def test_missing_features_become_the_null():
    features = torch.arange(6.0).view(3, 2)
    filled = fill_missing(features, torch.tensor([True, False, True]), torch.tensor([7.0, 8.0]))
    assert filled.tolist() == [[0, 1], [7, 8], [4, 5]]


@pytest.mark.parametrize(
    ("schedule", "wanted"),
    [
        ((0.3, 0.0, 0.7), [1, 1, 1, 0, 0, 0, 0, 0, 0, 0]),
        ((1.0, 0.0, 0.0), [1] * 10),
        ((0.0, 0.0, 1.0), [0] * 10),
        ((0.2, 0.5, 0.3), [1, 1, 0.8, 0.6, 0.4, 0.2, 0, 0, 0, 0]),
    ],
)
def test_the_schedule_is_gligens(schedule, wanted):
    got = [grounding_scale(step, 10, schedule) for step in range(10)]
    assert got == pytest.approx(wanted)


@pytest.mark.parametrize("schedule", [(0.5, 0.0, 0.6), (-0.1, 0.5, 0.6)])
def test_bad_schedules_are_named(schedule):
    with pytest.raises(ValueError, match="together 1, such as"):
        grounding_scale(0, 10, schedule)
