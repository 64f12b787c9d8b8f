"""Value mapping on the shipped miniature."""

import comfy.sample
import pytest
import torch
from video_director.attention_patches.unet_blocks_patch import decoder_blocks
from video_director.attention_patches.value_mapping_patch import ValueMapping, patch_value_mapping
from video_director.miniature.loader import load_miniature

FRAMES = 4


@pytest.fixture(scope="module")
def miniature():
    return load_miniature()


def sample(model, clip):
    """Frames of one prompt from noises of their own."""
    text, blank = (
        clip.encode_from_tokens_scheduled(clip.tokenize(prompt))
        for prompt in ("a red ball in a meadow", "")
    )
    latent = comfy.sample.fix_empty_latent_channels(model, torch.zeros(FRAMES, 4, 16, 16))
    noise = comfy.sample.prepare_noise(latent, 3)
    return comfy.sample.sample(
        model, noise, 12, 3.0, "euler", "normal", text, blank, latent, disable_pbar=True, seed=3
    )


def test_the_first_frame_leads_and_the_others_change(miniature):
    model, clip, _, _ = miniature
    assert len(decoder_blocks(model.get_model_object("diffusion_model"))) >= 2
    apart = sample(model, clip)
    mapped = sample(patch_value_mapping(model, ValueMapping(order="first")), clip)
    size = float(apart.abs().max())
    change = [(a - b).abs().max() / size for a, b in zip(apart, mapped, strict=True)]
    assert change[0] < 1e-4
    assert min(change[1:]) > 1e-2
