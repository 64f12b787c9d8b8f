"""Nodes that say what is done in a scene: Kinetics actions from words, from a clip, or by hand."""

import weakref

import comfy.model_management
import comfy.utils
import numpy as np
import torch
from comfy_api.latest import io

from ..planning.action_phrases import action_phrases
from ..planning.kinetics import action_labels
from ..video_models.action_matching import (
    calibrated_threshold,
    cosines,
    matched_actions,
    word_features,
)
from . import sockets
from .node_text import show_on_node
from .open_clip_texts import NONE, encode_texts, open_clip_folders
from .video_classifiers import classifier_folders, classify_clip
from .weight_lists import parse_weights

CATEGORY = f"{sockets.CATEGORY}/action"
AUTOMATIC = 0.0  # threshold calibrated on the labels

# Features of the 400 labels by text encoder; they take it a while.
_LABELS: weakref.WeakKeyDictionary = weakref.WeakKeyDictionary()


def _encoded(clip, texts, progress=None) -> np.ndarray:
    rows = []
    for text in texts:
        comfy.model_management.throw_exception_if_processing_interrupted()
        pooled = clip.encode_from_tokens(clip.tokenize(text), return_pooled=True)[1]
        if pooled is None:
            raise ValueError(
                "Action From Text: this text encoder gives no pooled features; connect a CLIP, "
                "such as Stable Diffusion XL's, or leave clip out."
            )
        rows.append(pooled[0].float().cpu().numpy())
        if progress is not None:
            progress.update(1)
    return np.stack(rows).astype(np.float64)


def _label_features(clip) -> np.ndarray:
    encoder = clip.cond_stage_model
    if encoder not in _LABELS:
        labels = action_labels()
        _LABELS[encoder] = _encoded(clip, labels, comfy.utils.ProgressBar(len(labels)))
    return _LABELS[encoder]


def _by_open_clip(folder, phrases) -> tuple[np.ndarray, np.ndarray]:
    labels = action_labels()
    device = comfy.model_management.get_torch_device()
    rows = encode_texts([*labels, *phrases], folder, device, "Action From Text")
    features = rows.numpy().astype(np.float64)
    return features[: len(labels)], features[len(labels) :]


class ActionFromText(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="VideoDirectorActionFromText",
            display_name="Action From Text",
            category=CATEGORY,
            description="Finds the actions that a prompt speaks of among the 400 of Kinetics, "
            "which video models know. With a text encoder by meaning, without one by words.",
            search_aliases=["kinetics", "motion", "verb", "VideoStudio", "action prompt"],
            inputs=[
                io.String.Input(
                    "text", default="", multiline=True, tooltip="A scene's prompt, in English."
                ),
                io.Float.Input(
                    "threshold",
                    default=AUTOMATIC,
                    min=0.0,
                    max=1.0,
                    step=0.01,
                    tooltip="How like a label a phrase must be, as a cosine. 0 measures it on the "
                    "labels: nearer than labels usually are to the nearest other.",
                    advanced=True,
                ),
                io.Clip.Input(
                    "clip",
                    optional=True,
                    tooltip="A text encoder; VideoStudio's own is CLIP bigG, which Stable "
                    "Diffusion XL has.",
                ),
                io.Combo.Input(
                    "open_clip",
                    options=open_clip_folders(),
                    default=NONE,
                    optional=True,
                    tooltip="In place of clip: a folder of models/open_clip with "
                    "open_clip_config.json and open_clip_model.safetensors.",
                    advanced=True,
                ),
            ],
            outputs=[
                sockets.Action.Output(
                    "action", display_name="action", tooltip="Labels with weights that sum to 1."
                ),
                io.String.Output(
                    "found", display_name="found", tooltip="Phrases and actions, to look at."
                ),
            ],
            hidden=[io.Hidden.unique_id, io.Hidden.dynprompt],
        )

    @classmethod
    def execute(cls, text, threshold, clip=None, open_clip=NONE) -> io.NodeOutput:
        phrases = action_phrases(text)
        actions: dict[str, float] = {}
        if phrases:
            if open_clip != NONE:
                labels, own = _by_open_clip(open_clip, phrases)
            elif clip is None:
                labels, own = word_features(action_labels()), word_features(phrases)
            else:
                labels, own = _label_features(clip), _encoded(clip, phrases)
            bound = threshold or calibrated_threshold(cosines(labels, labels))
            actions = matched_actions(cosines(own, labels), bound)
        said = f"{', '.join(phrases) or 'no action phrase'}: {_listed(actions) or 'no action'}"
        show_on_node(cls.hidden, said)
        return io.NodeOutput(actions, said)


def _listed(actions: dict[str, float]) -> str:
    ordered = sorted(actions.items(), key=lambda pair: -pair[1])
    return ", ".join(f"{label} {weight:.2f}" for label, weight in ordered)


class Actions(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="VideoDirectorActions",
            display_name="Actions",
            category=CATEGORY,
            description="Picks actions by hand, one from the list or several with weights.",
            search_aliases=["kinetics", "motion", "action weight", "label"],
            inputs=[
                io.Combo.Input(
                    "label",
                    options=list(action_labels()),
                    default="bouncing on trampoline",
                    tooltip="One of the 400 actions of Kinetics.",
                ),
                io.Float.Input(
                    "weight",
                    default=1.0,
                    min=0.0,
                    max=1.0,
                    step=0.01,
                    tooltip="Of this action; 0 leaves it out.",
                ),
                io.String.Input(
                    "more",
                    default="",
                    multiline=True,
                    optional=True,
                    tooltip="Further actions with weights, such as juggling balls: 0.5, jogging: "
                    "0.2.",
                    advanced=True,
                ),
                sockets.Action.Input(
                    "action", optional=True, tooltip="Actions that these are added to."
                ),
            ],
            outputs=[
                sockets.Action.Output(
                    "action", display_name="action", tooltip="Labels with weights."
                )
            ],
        )

    @classmethod
    def execute(cls, label, weight, more="", action=None) -> io.NodeOutput:
        wanted = {**parse_weights(more, "Actions: more"), label: weight}
        unknown = sorted(set(wanted) - set(action_labels()))
        if unknown:
            raise ValueError(
                f"Actions: {unknown[0]!r} is not one of the 400 Kinetics actions; take the words "
                "of the list that label shows."
            )
        for name, value in wanted.items():
            if value > 1:
                raise ValueError(
                    f"Actions: the weight of {name!r} is {value:g}; weights go from 0 to 1."
                )
        merged = {**(action or {}), **wanted}
        return io.NodeOutput({name: value for name, value in merged.items() if value > 0})


class ActionFromVideo(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="VideoDirectorActionFromVideo",
            display_name="Action From Video",
            category=CATEGORY,
            description="Reads the action of a clip, so that another clip can be made to do the "
            "same, with a VideoMAE classifier in a folder of models/video_classifiers.",
            search_aliases=["VideoMAE", "kinetics", "action recognition", "copy motion"],
            inputs=[
                io.Image.Input("images", tooltip="The frames of a clip."),
                io.Combo.Input(
                    "classifier",
                    options=classifier_folders(),
                    tooltip="A folder with config.json and model.safetensors, such as "
                    "MCG-NJU/videomae-base-finetuned-kinetics of Hugging Face.",
                ),
                io.Float.Input(
                    "least",
                    default=0.5,
                    min=0.0,
                    max=1.0,
                    step=0.01,
                    tooltip="Clips whose likeliest action is less likely give no action, as in "
                    "VideoStudio's training.",
                ),
            ],
            outputs=[
                sockets.Action.Output(
                    "action", display_name="action", tooltip="Labels with their probabilities."
                )
            ],
            hidden=[io.Hidden.unique_id, io.Hidden.dynprompt],
        )

    @classmethod
    def execute(cls, images, classifier, least) -> io.NodeOutput:
        device = comfy.model_management.get_torch_device()
        chances = classify_clip(images[..., :3], classifier, device, "Action From Video")
        top = torch.topk(chances, 5)
        actions = {}
        if float(top.values[0]) > least:
            labels = action_labels()
            pairs = zip(top.indices.tolist(), top.values.tolist(), strict=True)
            actions = {labels[index]: value for index, value in pairs if value >= 0.01}
        likeliest = action_labels()[int(top.indices[0])]
        show_on_node(
            cls.hidden,
            _listed(actions) or f"no action: {likeliest} is likeliest, {float(top.values[0]):.2f}",
        )
        return io.NodeOutput(actions)
