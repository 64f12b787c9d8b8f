"""From pictures of entities to conditioning, and from a plan to the pictures."""

import folder_paths
import pytest
import torch
from comfy_execution.graph_utils import GraphBuilder
from safetensors.torch import save_file
from video_director.attention_patches.reference_modules import GlobalTokens, LocalTokens
from video_director.attention_patches.reference_patch import PICTURES
from video_director.nodes.entity_drawing_nodes import EntityReferences, _wanted
from video_director.nodes.entity_reference_nodes import CutOut, EntityPicture, PreviewReferences
from video_director.nodes.reference_expansion import (
    CutOutBy,
    DrawingSettings,
    expand_references,
)
from video_director.nodes.reference_files import SceneReferences, keep, kept, listed
from video_director.nodes.reference_nodes import (
    ApplyReferenceAttention,
    EncodeReferences,
    LoadReferenceAdapter,
)
from video_director.nodes.sockets import EntityReference
from video_director.planning.offline import plan_video
from video_director.planning.plan_io import scene_bundle

from .test_reference_patch import patcher_of, state_of
from .tiny_runs import conditioning

WIDTH = 64
PROMPT = "A red ball rolls across a meadow. Then the red ball meets a blue star by the sea."


class Vision:
    """An image encoder that repeats a picture's mean colour in every token."""

    image_mean, image_size = (0.5, 0.4, 0.3), 8

    def __init__(self, width=WIDTH):
        self.width, self.shown = width, []

    def encode_image(self, image):
        self.shown.append(image)
        colour = image.mean((1, 2)).repeat(1, self.width)[:, : self.width]
        return {
            "image_embeds": colour,
            "penultimate_hidden_states": torch.randn(
                1, 5, self.width, generator=torch.Generator().manual_seed(0)
            )
            + colour[:, None],
        }


def picture(red, mask=None):
    values = torch.zeros(8, 8, 3)
    values[..., 0], values[..., 1] = red, 1 - red
    return EntityReference(values, mask, "given")


@pytest.fixture
def adapter(tiny_model):
    return patcher_of(state_of(tiny_model, LocalTokens(WIDTH), background=True))


@pytest.fixture(scope="module")
def plan():
    return plan_video(PROMPT, frames=4)


def encode(adapter, scene, references, **more):
    given = {"regions": True, "clip_vision": Vision(), **more}
    out = EncodeReferences.execute(
        conditioning(4, 2), adapter, scene=scene, references=references, **given
    )
    return out.result[0][0][1].get(PICTURES)


ALL = {"red-ball": picture(0.9), "blue-star": picture(0.1), "sea": picture(0.5)}


def test_only_the_scenes_own_entities_count(adapter, plan):
    told = encode(adapter, scene_bundle(plan, 0), ALL)
    assert told.tokens.shape == (1, 1, 4, WIDTH)  # the class token is left out
    assert told.background is None
    told = encode(adapter, scene_bundle(plan, 1), ALL)
    assert told.tokens.shape == (1, 2, 4, WIDTH)
    assert told.background.shape == (1, 4, WIDTH)
    assert not torch.allclose(told.tokens[0, 0], told.tokens[0, 1])


def test_without_any_picture_the_conditioning_is_left_alone(adapter, plan):
    given = conditioning(4, 2)
    out = EncodeReferences.execute(given, adapter, Vision(), scene_bundle(plan, 0), True)
    assert out.result[0] is given


def test_regions_are_the_boxes_of_every_frame(adapter, plan):
    scene = scene_bundle(plan, 0)
    told = encode(adapter, scene, ALL)
    assert told.regional
    assert told.boxes[0, 0].tolist() == pytest.approx(scene.scene.layout[0].boxes["red-ball"])
    assert told.boxes[3, 0].tolist() == pytest.approx(scene.scene.layout[-1].boxes["red-ball"])
    everywhere = encode(adapter, scene, ALL, regions=False)
    assert not everywhere.regional
    assert (everywhere.boxes == torch.tensor([0.0, 0.0, 1.0, 1.0])).all()


def test_an_entity_without_a_box_in_a_frame_is_not_there(adapter, plan):
    scene = scene_bundle(plan, 1).model_copy(deep=True)
    for keyframe in scene.scene.layout:
        if keyframe.frame == 0:
            del keyframe.boxes["blue-star"]
    for regions in (True, False):
        told = encode(adapter, scene, ALL, regions=regions)
        assert told.boxes[0, 1].eq(0).all()
        assert told.boxes[3, 1].ne(0).any()
    for keyframe in scene.scene.layout:
        keyframe.boxes.pop("blue-star", None)
    told = encode(adapter, scene, ALL)  # never boxed: it may be anywhere
    assert told.boxes[0, 1].tolist() == [0, 0, 1, 1]


def test_weights_of_entities(adapter, plan):
    scene = scene_bundle(plan, 1)
    told = encode(adapter, scene, ALL, entity_weights="red-ball: 0.5\nsea: 0.25, meadow: 2")
    assert told.weights.tolist() == [0.5, 1.0]
    assert told.background_weight == 0.25
    told = encode(adapter, scene, ALL, entity_weights="red-ball: 0, sea: 0")
    assert told.tokens.shape[1] == 1
    assert told.background is None
    for wrong, message in (
        ("red-ball 0.5", "write each name once as name: weight"),
        ("red-ball: 9", "weights from 0 to 5"),
        ("red-ball: 1, red-ball: 2", "each name once"),
        ("Red Ball: 1", "entities go by their id, such as red-ball"),
    ):
        with pytest.raises(ValueError, match=message):
            encode(adapter, scene, ALL, entity_weights=wrong)


def test_what_is_cut_away_is_grey_and_black_for_videostudio(adapter, plan, tiny_model):
    mask = torch.zeros(8, 8)
    mask[2:6, 2:6] = 1
    references = {"red-ball": picture(0.9, mask), "meadow": picture(0.5, mask)}
    vision = Vision()
    encode(adapter, scene_bundle(plan, 0), references, clip_vision=vision)
    alone, place, empty = vision.shown
    assert alone[0, 0, 0].tolist() == pytest.approx([127 / 255] * 3)
    assert place[0, 0, 0].tolist() == pytest.approx([127 / 255] * 3)
    assert place[0, 3, 3].tolist() == pytest.approx([0.5, 0.5, 0.0])
    assert empty[0, 0, 0].tolist() == pytest.approx(Vision.image_mean)
    released = patcher_of(state_of(tiny_model, GlobalTokens(WIDTH, 4, WIDTH), background=True))
    vision = Vision()
    encode(released, scene_bundle(plan, 0), references, clip_vision=vision)
    assert vision.shown[0][0, 0, 0].tolist() == [0, 0, 0]
    assert len(vision.shown) == 2  # no picture is an embedding of zeros here


def test_no_picture_is_nothing_to_local_tokens(adapter, plan):
    told = encode(adapter, scene_bundle(plan, 1), ALL)
    assert told.tokens.abs().amax() > 0
    assert not told.empty.any()


def test_what_does_not_fit_is_named(adapter, plan):
    scene = scene_bundle(plan, 0)
    with pytest.raises(ValueError, match="Encode References: this CLIP vision gives 32 numbers"):
        encode(adapter, scene, ALL, clip_vision=Vision(32))
    bad = {"red-ball": picture(0.9, torch.zeros(8, 8))}
    with pytest.raises(ValueError, match="Encode References: the picture of 'red-ball': its mask"):
        encode(adapter, scene, bad)


def test_a_file_is_loaded_from_either_folder(tiny_model, tmp_path, monkeypatch):
    state = state_of(tiny_model, LocalTokens(WIDTH))
    community = tmp_path / "ipadapter"
    community.mkdir()
    save_file(state, community / "mine.safetensors")
    save_file({"a": torch.zeros(1)}, community / "other.safetensors")
    monkeypatch.setitem(
        folder_paths.folder_names_and_paths, "ipadapter", ([str(community)], {".safetensors"})
    )
    folder_paths.filename_list_cache.clear()
    schema = LoadReferenceAdapter.define_schema()
    assert "mine.safetensors" in schema.inputs[0].options
    loaded = LoadReferenceAdapter.execute("mine.safetensors").result[0]
    layers = [key for key in state if key.endswith("to_k_ip.weight")]
    assert len(loaded.model.layers) == len(layers)
    with pytest.raises(ValueError, match="Load Reference Adapter: other.safetensors.*IP-Adapter"):
        LoadReferenceAdapter.execute("other.safetensors")
    with pytest.raises(ValueError, match="there is no 'none.bin' in models/reference_adapters or"):
        LoadReferenceAdapter.execute("none.bin")


def test_pictures_must_act_for_some_steps(tiny_model, adapter):
    with pytest.raises(ValueError, match="start_percent 0.5 is not before end_percent 0.5"):
        ApplyReferenceAttention.execute(tiny_model, adapter, 1.0, 1.0, 0.5, 0.5, "standard")


def test_entities_of_several_scenes_are_wanted(plan):
    def ids(which, named=""):
        return [entity.id for entity in _wanted(plan, which, named)]

    assert ids("in_several_scenes") == ["red-ball"]
    assert ids("in_several_scenes", "sea") == ["red-ball", "sea"]
    assert ids("all") == [entity.id for entity in plan.entities]
    assert ids("named", "sea, blue-star") == ["blue-star", "sea"]
    with pytest.raises(ValueError, match="named has fox, but the plan's entities are: red-ball"):
        ids("named", "fox")
    with pytest.raises(ValueError, match="set to named, and named is empty"):
        ids("named")


def settings(**more):
    return DrawingSettings(
        model=["m", 0],
        clip=["c", 0],
        vae=["v", 0],
        negative="",
        seed=1,
        size=128,
        prompts={"foreground": "one {description}", "background": "{description}, empty"},
        sampling={"steps": 2},
        cut_out=CutOutBy(**more),
    )


def expanded(entities, settings, own=None):
    graph = GraphBuilder("")
    link = expand_references(graph, entities, settings, own)
    return graph.finalize(), link


def test_each_entity_is_a_chain_of_its_own(plan):
    nodes, link = expanded(plan.entities, settings(), ["own", 0])
    assert nodes["red-ball.positive"]["inputs"]["text"] == "one a red ball"
    assert nodes["sea.positive"]["inputs"]["text"] == "the sea, empty"
    assert nodes["red-ball.picture"]["inputs"]["references"] == ["own", 0]
    assert nodes["red-ball.cut_out"]["inputs"]["part"] == "foreground"
    assert nodes["sea.cut_out"]["inputs"]["part"] == "background"
    assert link == ["sea.picture", 0]
    changed = plan.model_copy(deep=True)
    changed.entities[1].description = "a green star"
    again, _ = expanded(changed.entities, settings(), ["own", 0])
    different = [name for name in nodes if nodes[name] != again[name]]
    assert different == ["blue-star.positive"]


def test_the_hosts_own_models_cut_out_where_connected(plan):
    nodes, _ = expanded(plan.entities, settings(background_removal=["b", 0]))
    assert nodes["red-ball.cut_out"]["class_type"] == "RemoveBackground"
    assert nodes["sea.inverted"]["class_type"] == "InvertMask"
    assert nodes["sea.picture"]["inputs"]["mask"] == ["sea.inverted", 0]
    nodes, _ = expanded(plan.entities, settings(segmenter=["s", 0], segmenter_clip=["t", 0]))
    assert nodes["red-ball.cut_out"]["class_type"] == "SAM3_Detect"
    assert nodes["red-ball.name"]["inputs"] == {"clip": ["t", 0], "text": "red ball"}
    assert nodes["sea.cut_out"]["class_type"] == "VideoDirectorCutOut"


def test_entity_references_asks_for_what_it_needs(plan):
    given = {
        "model": ["m", 0],
        "clip": ["c", 0],
        "vae": ["v", 0],
        "plan": plan,
        "entities": "all",
        "named": "",
        "seed": 0,
        "steps": 2,
        "cfg": 3.0,
        "sampler_name": "euler",
        "scheduler": "normal",
        "size": 128,
        "foreground_prompt": "{description}",
        "background_prompt": "{description}",
        "negative": "",
    }
    with pytest.raises(ValueError, match="segmenter and segmenter_clip belong together"):
        EntityReferences.execute(**given, segmenter=["s", 0])
    with pytest.raises(ValueError, match="background_prompt is 'a place'; it must hold {desc"):
        EntityReferences.execute(**{**given, "background_prompt": "a place"})
    own = {entity.id: picture(0.5) for entity in plan.entities}
    assert EntityReferences.execute(**given, references=own).result[0] is own


def test_cut_out_says_all_where_nothing_stands_out():
    images = torch.full((2, 64, 64, 3), 0.6)
    images[1, 20:44, 20:44] = torch.tensor([0.9, 0.1, 0.1])
    mask = CutOut.execute(images, "foreground").result[0]
    assert mask[0].eq(1).all()
    assert mask[1, 32, 32] == 1
    assert mask[1, 0, 0] == 0
    mask = CutOut.execute(images, "background").result[0]
    assert mask[0].eq(1).all()
    assert mask[1, 32, 32] == 0
    assert mask[1, 0, 0] == 1


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    monkeypatch.setattr(folder_paths, "get_temp_directory", lambda: str(tmp_path))
    return tmp_path


def test_pictures_are_kept_by_their_digest(temporary):
    mask = torch.linspace(0, 1, 64).view(8, 8).mul(255).round() / 255
    masked = picture(0.2, mask)
    digest = keep(masked)
    again = kept(digest, "drawn")
    torch.testing.assert_close(again.picture, masked.picture, atol=0.003, rtol=0)
    torch.testing.assert_close(again.mask, mask)
    assert again.source == "drawn"
    assert keep(again) == digest  # what is written is what is read
    assert keep(picture(0.2)) != digest
    assert kept(keep(picture(0.2)), "given").mask is None
    assert len(list(temporary.rglob("*.png"))) == 2


def test_scene_references_reads_what_render_plan_lists(temporary):
    literal = listed(ALL, ["red-ball", "meadow"])
    found = SceneReferences.execute(literal).result[0]
    assert list(found) == ["red-ball"]
    assert listed(ALL, ["meadow", "red-ball"]) == literal
    for wrong, message in (
        ("[1]", "is not what Render Plan writes"),
        ('{"a": ["../../secret", "given"]}', "is no digest"),
        ('{"a": ["' + "0" * 32 + '", "given"]}', "no longer in ComfyUI's temporary folder"),
    ):
        with pytest.raises(ValueError, match=message):
            SceneReferences.execute(wrong)


def test_the_preview_is_a_picture(monkeypatch, temporary):
    one = EntityPicture.execute(torch.rand(1, 16, 16, 3), "red-ball").result[0]
    none = PreviewReferences.execute({}).result[0]  # a plan need not have any
    assert float(none.std()) > 0
    shown = PreviewReferences.execute(one).result[0]
    assert shown.shape[0] == 1
    assert shown.shape[-1] == 3
