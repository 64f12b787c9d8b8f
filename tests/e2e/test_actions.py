"""Actions from clips and from words through the server."""

import json

import numpy as np
import open_clip
import pytest
import torch
import transformers
from safetensors.torch import save_file
from video_director.host.errors import JobError, PromptRejectedError
from video_director.planning.kinetics import action_labels

WEIGHTS = "open_clip_model.safetensors"


@pytest.fixture(scope="module")
def classifier(server):
    """A tiny VideoMAE that holds every clip for the same action."""
    folder = server.base / "models" / "video_classifiers" / "tiny"
    config = transformers.VideoMAEConfig(
        image_size=32,
        patch_size=16,
        num_frames=4,
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        num_labels=len(action_labels()),
    )
    model = transformers.VideoMAEForVideoClassification(config)
    with torch.no_grad():
        model.classifier.weight.zero_()
        model.classifier.bias.zero_()
        model.classifier.bias[action_labels().index("juggling balls")] = 8.0
    model.save_pretrained(folder)
    sizes = {"size": {"shortest_edge": 32}, "crop_size": {"height": 32, "width": 32}}
    transformers.VideoMAEImageProcessor(**sizes).save_pretrained(folder)
    return folder.name


def read_job(classifier, least=0.5):
    return {
        "clip": {
            "class_type": "EmptyImage",
            "inputs": {"width": 48, "height": 40, "batch_size": 6, "color": 0x336699},
        },
        "action": {
            "class_type": "VideoDirectorActionFromVideo",
            "inputs": {"images": ["clip", 0], "classifier": classifier, "least": least},
        },
        "more": {
            "class_type": "VideoDirectorActions",
            "inputs": {
                "label": "jogging",
                "weight": 0.5,
                "more": "abseiling: 0.25",
                "action": ["action", 0],
            },
        },
        "shown": {"class_type": "PreviewAny", "inputs": {"source": ["more", 0]}},
    }


async def test_the_action_of_a_clip_is_read_and_added_to(client, classifier):
    sure, unsure = [
        json.loads((await client.run(read_job(classifier, least))).outputs["shown"]["text"][0])
        for least in (0.5, 0.95)
    ]
    assert unsure == {"jogging": 0.5, "abseiling": 0.25}
    assert sure == {**unsure, "juggling balls": pytest.approx(np.exp(8) / (np.exp(8) + 399))}


async def test_an_unknown_classifier_is_refused_by_the_server(client, classifier):
    with pytest.raises(PromptRejectedError, match="'../elsewhere' not in"):
        await client.run(read_job("../elsewhere"))


@pytest.fixture(scope="module")
def open_clip_folder(server):
    """A tiny OpenCLIP with random weights; and the same, said to be built of another model."""
    described = {
        "embed_dim": 16,
        "vision_cfg": {"image_size": 32, "layers": 1, "width": 64, "patch_size": 16},
        "text_cfg": {
            "context_length": 77,
            "vocab_size": 49408,
            "width": 64,
            "heads": 2,
            "layers": 1,
        },
    }
    root = server.base / "models" / "open_clip"
    torch.manual_seed(0)
    for name, text in (("tiny", {}), ("borrowed", {"hf_model_name": "somewhere/else"})):
        (root / name).mkdir(parents=True)
        config = {**described, "text_cfg": {**described["text_cfg"], **text}}
        (root / name / "open_clip_config.json").write_text(json.dumps({"model_cfg": config}))
        save_file(open_clip.CLIP(**described).state_dict(), root / name / WEIGHTS)
    return root


def text_job(folder, text):
    return {
        "action": {
            "class_type": "VideoDirectorActionFromText",
            "inputs": {"text": text, "threshold": 0.999, "open_clip": folder},
        },
        "shown": {"class_type": "PreviewAny", "inputs": {"source": ["action", 0]}},
    }


async def test_open_clip_finds_actions(client, open_clip_folder):
    """A label itself is nearest to itself, whatever the weights are."""
    result = await client.run(text_job("tiny", "A man is juggling balls"))
    assert json.loads(result.outputs["shown"]["text"][0]) == {"juggling balls": 1.0}


async def test_an_open_clip_of_other_models_is_refused(client, open_clip_folder):
    with pytest.raises(JobError, match="'borrowed' is built of other models .hf_model_name."):
        await client.run(text_job("borrowed", "A man is juggling balls"))
