"""Scene, Encode Frame Prompts, Render Plan's expansion, Join Scenes."""

from collections import Counter

import pytest
import torch
from comfy_execution.graph_utils import GraphBuilder, is_link
from video_director.nodes import frame_conditioning, render_nodes
from video_director.nodes.join_nodes import JoinScenes
from video_director.nodes.prompt_nodes import EncodeFramePrompts
from video_director.nodes.scene_cache import STEPS
from video_director.nodes.scene_nodes import Scene, SceneFromJSON
from video_director.nodes.sockets import SceneClip
from video_director.planning import plan_io


def make_plan(*scenes, **changes):
    data = {"version": 1, "prompt": "p", "fps": 6, "width": 64, "height": 96, "entities": []}
    return plan_io.from_data({**data, **changes, "scenes": list(scenes)})


def make_scene(name, frames=3, **changes):
    return {"id": name, "prompt": f"scene {name}", "frames": frames, **changes}


def bundle_of(prompts):
    scene = make_scene("a", len(prompts), frame_prompts=prompts)
    return plan_io.scene_bundle(make_plan(scene), 0)


def encode(clip, prompt):
    (cond, options), *_ = clip.encode_from_tokens_scheduled(clip.tokenize(prompt))
    return cond, options["pooled_output"]


def test_each_frame_gets_the_encoding_of_its_own_prompt(tiny_clip):
    clip = tiny_clip
    prompts = ["a red ball", "a blue star", "a red ball"]
    ((cond, options),) = EncodeFramePrompts.execute(clip, bundle_of(prompts))[0]
    assert cond.shape == (3, 77, 64)
    assert options["pooled_output"].shape == (3, 64)
    for frame, prompt in enumerate(prompts):
        wanted, pooled = encode(clip, prompt)
        torch.testing.assert_close(cond[frame], wanted[0])
        torch.testing.assert_close(options["pooled_output"][frame], pooled[0])


def test_equal_prompts_are_encoded_once():
    calls = Counter()

    def encoder(prompt):
        calls[prompt] += 1
        return [[torch.zeros(1, 7, 4), {"pooled_output": torch.zeros(1, 4)}]]

    ((cond, _),) = frame_conditioning.encode_frames(encoder, ["a", "b", "a", "a"])
    assert calls == {"a": 1, "b": 1}
    assert cond.shape == (4, 7, 4)


def test_a_longer_prompt_leaves_the_shorter_ones_attention_as_it_was(tiny_clip):
    clip = tiny_clip
    long = " ".join(["a red ball and a blue star"] * 20)
    ((cond, options),) = EncodeFramePrompts.execute(clip, bundle_of(["a moon", long]))[0]
    alone, _ = encode(clip, "a moon")
    assert cond.shape[1] == encode(clip, long)[0].shape[1] > 77
    assert options["pooled_output"].shape[0] == 2
    q = torch.randn(1, 10, 64, generator=torch.Generator().manual_seed(0))
    attention = torch.nn.functional.scaled_dot_product_attention
    torch.testing.assert_close(
        attention(q, cond[:1], cond[:1]), attention(q, alone, alone), rtol=1e-4, atol=1e-5
    )


def test_masks_grow_with_their_tokens():
    def encoder(prompt):
        size = len(prompt)
        return [[torch.ones(1, size, 2), {"attention_mask": torch.ones(1, size)}]]

    ((cond, options),) = frame_conditioning.encode_frames(encoder, ["aa", "aaa"])
    assert cond.shape == (2, 6, 2)
    assert options["attention_mask"].shape == (2, 6)


def test_lengths_without_a_useful_common_length_are_refused():
    def encoder(prompt):
        return [[torch.zeros(1, len(prompt), 4), {}]]

    with pytest.raises(ValueError, match=r"\[19, 23\] tokens"):
        frame_conditioning.encode_frames(encoder, ["a" * 19, "a" * 23])


def test_unknown_words_are_named_with_the_known_ones(tiny_clip):
    clip = tiny_clip.clone()  # as a LoRA loader would, before the prompts are encoded
    clip.tokenizer.known_words = {"things": ["ball"], "colours": ["red"]}
    clip.tokenizer.unknown_words = lambda text: [
        word for word in text.split() if word not in ("red", "ball")
    ]
    try:
        output = EncodeFramePrompts.execute(clip, bundle_of(["red dragon", "red ball"]))
        (warning,) = output.ui["text"]
        assert "never saw: dragon." in warning
        assert "It knows things: ball; colours: red." in warning
        assert EncodeFramePrompts.execute(clip, bundle_of(["red ball"])).ui is None
    finally:
        del clip.tokenizer.known_words, clip.tokenizer.unknown_words


def test_a_missing_text_encoder_is_named():
    with pytest.raises(ValueError, match="Encode Frame Prompts: the clip input is None"):
        EncodeFramePrompts.execute(None, bundle_of(["a"]))


def test_scene_takes_one_scene_out():
    plan = make_plan(make_scene("a"), make_scene("b", 2, seed=9, action={"juggling balls": 0.5}))
    bundle, prompt, prompts, frames, layout, camera, action, seed = Scene.execute(plan, 1).args
    assert bundle.scene.id == "b"
    assert (prompt, prompts, frames, seed) == ("scene b", ["scene b"] * 2, 2, 9)
    assert layout == [{}, {}]
    assert camera.direction == "static"
    assert action == {"juggling balls": 0.5}
    again = SceneFromJSON.execute(plan_io.scene_json(plan, 1))
    assert again.args == Scene.execute(plan, 1).args
    with pytest.raises(ValueError, match=r"Scene: scene index 2: the plan has 2 scenes"):
        Scene.execute(plan, 2)
    with pytest.raises(ValueError, match="Scene From JSON: "):
        SceneFromJSON.execute("{}")


SETTINGS = {
    "model": ["m", 0],
    "clip": ["c", 1],
    "vae": ["v", 2],
    "seed": 5,
    "steps": 4,
    "cfg": 3.0,
    "sampler_name": "euler",
    "scheduler": "normal",
    "width": 0,
    "height": 0,
    "negative": "blurry",
    "noise": "same_for_all_frames",
    "mapping_order": "rotational",
    "mapping_period": 0,
    "mapping_start_percent": 0.0,
    "mapping_end_percent": 1.0,
    "mapping_layers": "decoder",
}


def expansion(plan, **changes):
    GraphBuilder.set_default_prefix("r", 0, 0)
    output = render_nodes.RenderPlan.execute(plan=plan, **{**SETTINGS, **changes})
    return output.expand, output[0]


def by_class(graph, name):
    return {key: node["inputs"] for key, node in graph.items() if node["class_type"] == name}


def test_expansion_chains_the_scenes_in_order():
    plan = make_plan(make_scene("b"), make_scene("a", 5))
    graph, clips = expansion(plan)
    collected = by_class(graph, "VideoDirectorCollectScene")
    assert clips == ["r.0.0.a.collect", 0]
    assert collected["r.0.0.a.collect"]["clips"] == ["r.0.0.b.collect", 0]
    assert "clips" not in collected["r.0.0.b.collect"]
    latents = by_class(graph, "EmptyLatentImage")
    assert latents["r.0.0.a.latent"] == {"width": 64, "height": 96, "batch_size": 5}
    links = [value for node in graph.values() for value in node["inputs"].values()]
    outside = {tuple(link) for link in links if is_link(link) and link[0] not in graph}
    assert outside == {("m", 0), ("c", 1), ("v", 2)}


def test_every_expanded_input_is_a_link_or_a_plain_literal():
    graph, _ = expansion(make_plan(make_scene("a")))
    for node in graph.values():
        for value in node["inputs"].values():
            assert is_link(value) or isinstance(value, int | float | str)


def test_editing_one_scene_leaves_the_others_nodes_alone():
    before, _ = expansion(make_plan(make_scene("a"), make_scene("b"), make_scene("c")))
    after, _ = expansion(make_plan(make_scene("a"), make_scene("b", prompt="new"), make_scene("c")))
    assert {key for key in before if before[key] != after[key]} == {"r.0.0.b.scene"}


def test_seeds_belong_to_scenes_not_places():
    first, _ = expansion(make_plan(make_scene("a"), make_scene("b", seed=77)))
    second, _ = expansion(make_plan(make_scene("b", seed=77), make_scene("x"), make_scene("a")))
    seeds = [
        {key: node["seed"] for key, node in by_class(graph, "KSampler").items()}
        for graph in (first, second)
    ]
    assert seeds[0]["r.0.0.b.sample"] == seeds[1]["r.0.0.b.sample"] == 77
    assert seeds[0]["r.0.0.a.sample"] == seeds[1]["r.0.0.a.sample"]
    assert len(set(seeds[1].values())) == 3
    other, _ = expansion(make_plan(make_scene("a")), seed=6)
    assert by_class(other, "KSampler")["r.0.0.a.sample"]["seed"] != seeds[0]["r.0.0.a.sample"]


def test_options_of_the_expansion():
    plan = make_plan(make_scene("a"))
    plain, _ = expansion(plan, mapping_order="off", noise="per_frame", width=128)
    assert not by_class(plain, "VideoDirectorValueMapping")
    assert not by_class(plain, "LatentBatchSeedBehavior")
    assert not by_class(plain, "VideoDirectorSharedNoise")
    sampler = by_class(plain, "KSampler")["r.0.0.a.sample"]
    assert sampler["model"] == ["m", 0]
    latent = by_class(plain, "EmptyLatentImage")["r.0.0.a.latent"]
    assert (latent["width"], latent["height"]) == (128, 96)
    with pytest.raises(ValueError, match="Render Plan: width is 100.*use 96, or 0"):
        expansion(plan, width=100)
    assert plan.width == 64


def test_a_scenes_camera_moves_its_frames():
    plan = make_plan(make_scene("a", camera={"direction": "left"}), make_scene("b"))
    graph, _ = expansion(plan)
    (moved,) = by_class(graph, "VideoDirectorCameraMotion").values()
    assert moved["camera"] == ["r.0.0.a.scene", 5]
    samplers = by_class(graph, "KSampler")
    assert samplers["r.0.0.a.sample"]["model"] == ["r.0.0.a.camera", 0]
    assert samplers["r.0.0.b.sample"]["model"] == moved["model"]
    still, _ = expansion(plan, camera_motion=False)
    assert not by_class(still, "VideoDirectorCameraMotion")
    path = make_plan(make_scene("a", camera={"path": [{"frame": 0}, {"frame": 2, "zoom": 2}]}))
    assert by_class(expansion(path)[0], "VideoDirectorCameraMotion")


VIDEO = {"video_model": ["w", 0], "clip_vision": ["s", 3]}


def test_a_video_model_makes_clips_of_pictures():
    scene = make_scene("a", 6, action={"juggling balls": 0.5}, camera={"direction": "left"})
    plan = make_plan(scene, make_scene("b", 3))
    graph, clips = expansion(plan, **VIDEO, video_steps=9)
    assert clips == ["r.0.0.b.collect", 0]
    samplers = by_class(graph, "KSampler")
    assert samplers["r.0.0.a.picture_sample"]["model"][0] in graph
    assert by_class(graph, "EmptyLatentImage")["r.0.0.a.latent"]["batch_size"] == 1
    told = by_class(graph, "VideoDirectorVideoConditioning")["r.0.0.a.video"]
    assert told["image"] == ["r.0.0.a.decode", 0]
    assert told["action"] == ["r.0.0.a.scene", 6]
    read = by_class(graph, "VideoDirectorActionFromText")
    assert list(read) == ["r.0.0.b.action"]  # a scene without an action: what its prompt says
    assert (told["frames"], told["vae"], told["clip_vision"]) == (6, ["v", 2], ["s", 3])
    made = samplers["r.0.0.a.sample"]
    assert (made["steps"], made["model"]) == (9, ["r.0.0.a.camera", 0])
    assert samplers["r.0.0.b.sample"]["model"] == ["w", 0]
    assert [made[name] for name in ("positive", "negative", "latent_image")] == [
        ["r.0.0.a.video", place] for place in range(3)
    ]
    collected = by_class(graph, "VideoDirectorCollectScene")
    assert collected["r.0.0.a.collect"]["images"] == ["r.0.0.a.clip", 0]
    own, _ = expansion(plan, **VIDEO, video_clip=["x", 1], video_vae=["y", 2])
    assert by_class(own, "CLIPTextEncode")["r.0.0.a.video_text"]["clip"] == ["x", 1]
    assert {node["vae"][0] for node in by_class(own, "VAEDecode").values()} == {"v", "y"}
    with pytest.raises(ValueError, match="Render Plan: a video model is connected, but no image"):
        expansion(plan, video_model=["w", 0])


@pytest.mark.parametrize(
    ("scene", "acts"),
    [
        ({"action": {"juggling balls": 0.5}, "prompt": "a ball"}, True),
        ({"prompt": "a dog chases the ball"}, True),
        ({"prompt": "a red ball in a meadow"}, False),
    ],
)
def test_a_camera_in_a_video_models_clip_leaves_what_is_done(scene, acts):
    plan = make_plan(make_scene("a", **{"camera": {"direction": "left"}, **scene}))
    (moved,) = by_class(expansion(plan, **VIDEO)[0], "VideoDirectorCameraMotion").values()
    assert (moved["mode"], moved["amount"]) == (("own", 1.0) if acts else ("cumulative", 0.5))
    (drawn,) = by_class(expansion(plan)[0], "VideoDirectorCameraMotion").values()
    assert drawn["mode"] == "cumulative"  # frames that are pictures do nothing by themselves


def test_what_is_done_leaves_the_picture_of_a_scene_alone():
    def drawn(**changes):
        graph, _ = expansion(make_plan(make_scene("a", 4, **changes)), **VIDEO)
        return graph

    before = drawn(action={"jogging": 1.0})
    after = drawn(action={"juggling balls": 0.5}, camera={"direction": "up"})
    changed = {key for key in after if before.get(key) != after[key]}
    assert changed == {"r.0.0.a.scene", "r.0.0.a.camera", "r.0.0.a.sample"}


def test_every_step_that_takes_time_is_kept():
    graph, _ = expansion(make_plan(make_scene("a", 4)), **VIDEO)
    kept = {key: (key.rsplit(".", 1)[1], node["class_type"]) for key, node in graph.items()}
    slow = {"KSampler", "VAEDecode", "CLIPTextEncode", "VideoDirectorVideoConditioning"}
    assert {pair for pair in kept.values() if pair[1] in slow} <= STEPS


def clips_of(*sizes):
    return [
        SceneClip(f"s{n}", torch.full((2, h, w, 3), n / 4), 6) for n, (h, w) in enumerate(sizes)
    ]


def test_join_scenes_concatenates_at_the_plans_rate():
    images, video = JoinScenes.execute(clips_of((8, 16), (8, 16)), 0.0).args
    assert images[:, 0, 0, 0].tolist() == [0.0, 0.0, 0.25, 0.25]
    components = video.get_components()
    assert float(components.frame_rate) == 6
    assert components.images.shape == (4, 8, 16, 3)
    assert float(JoinScenes.execute(clips_of((8, 16)), 12.0)[1].get_components().frame_rate) == 12


def test_join_scenes_names_conflicting_sizes():
    with pytest.raises(ValueError, match="s0 16x8 with 3 channels, s1 16x12 with 3 channels"):
        JoinScenes.execute(clips_of((8, 16), (12, 16)), 0.0)
    with pytest.raises(ValueError, match="there are no scenes"):
        JoinScenes.execute([], 0.0)
