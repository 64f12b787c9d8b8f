"""Planning one scene anew, keeping locked scenes, and doubling the frame rate with a model."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from video_director.planning import plan_io
from video_director.planning.asking import AnswerError, Asker
from video_director.planning.offline import plan_video
from video_director.planning.schema import Entity, PlanError, Scene, VideoPlan
from video_director.planning.styles.frame_doubling import double_with_model
from video_director.planning.styles.replanning import keep_locked, replan_scene


class Model:
    """Answers from a list and keeps what it was asked."""

    def __init__(self, *answers: object) -> None:
        self.answers = list(answers)
        self.asked: list[list[Any]] = []

    def complete(
        self, messages: Sequence[Any], schema: Mapping[str, Any] | None, heard: object
    ) -> str:
        self.asked.append([message["content"] for message in messages])
        answer = self.answers.pop(0)
        return answer if isinstance(answer, str) else json.dumps(answer)


def asker(model: Model, tries: int = 3) -> Asker:
    return Asker(model, heard=lambda text: None, tries=tries)


@pytest.fixture
def plan(plan_data: dict[str, Any]) -> VideoPlan:
    return plan_io.from_data(plan_data)


def answer(**changes: Any) -> dict[str, Any]:
    scene = {
        "prompt": "The corgi sleeps beside a bowl in a kitchen.",
        "background": "kitchen",
        "entities": ["corgi", "bowl"],
        "camera_direction": "zoom_in",
        "camera_speed": "slow",
        "action": "",
        "reasoning": "The corgi lies at the left.",
        "boxes": [
            {"frame": 0, "entity": "a corgi", "box": [0.1, 0.5, 0.5, 0.9]},
            {"frame": 1, "entity": "bowl", "box": [0.6, 0.7, 0.8, 0.9]},
        ],
        "layout_strength": 0.2,
    }
    return {
        "entities": [
            {"name": "corgi", "description": "quite another dog"},
            {"name": "bowl", "description": "a steel bowl"},
            {"name": "spoon", "description": "not used"},
        ],
        "backgrounds": [{"name": "kitchen", "description": "a white kitchen"}],
        "scenes": [{**scene, **changes}],
    }


def test_one_scene_is_rewritten_and_the_rest_stays_byte_for_byte(plan: VideoPlan) -> None:
    before = plan_io.dumps(plan)
    model = Model(answer())
    after = replan_scene(plan, "meet", "Der Corgi schläft", asker(model))
    assert plan_io.dumps(plan) == before
    text = plan_io.dumps(after)
    for part in [*plan.entities, plan.scenes[0]]:
        (again,) = [p for p in [*after.entities, *after.scenes] if p.id == part.id]
        assert again.model_dump_json() == part.model_dump_json()
    untouched = before[: before.index('"id": "meet"')]
    entities_end = untouched.index('"scenes"')
    assert text.startswith(untouched[:entities_end].rstrip().rstrip("],").rstrip())
    assert untouched[entities_end:] in text
    scene = after.scenes[1]
    assert (scene.id, scene.frames, scene.seed, scene.locked) == ("meet", 2, None, False)
    assert scene.prompt == "The corgi sleeps beside a bowl in a kitchen."
    assert (scene.background, scene.entities) == ("kitchen", ["corgi", "bowl"])
    assert [sorted(keyframe.boxes) for keyframe in scene.layout] == [["corgi"], ["bowl", "corgi"]]
    assert scene.frame_prompts is None
    assert [entity.id for entity in after.entities] == ["corgi", "owner", "park", "bowl", "kitchen"]
    assert "Der Corgi schläft" in model.asked[0][-1]
    shown = json.loads(model.asked[0][2])
    assert [scene["prompt"] for scene in shown["scenes"]] == [s.prompt for s in plan.scenes]


def test_a_whole_plan_as_answer_gives_its_scene(plan: VideoPlan) -> None:
    other = answer(prompt="Not wanted.", entities=[], boxes=[])["scenes"][0]
    whole = {**answer(), "scenes": [other, answer()["scenes"][0]]}
    assert replan_scene(plan, "meet", "", asker(Model(whole))) == replan_scene(
        plan, "meet", "", asker(Model(answer()))
    )


def test_another_number_of_scenes_and_unknown_names_are_asked_again(plan: VideoPlan) -> None:
    three = {**answer(), "scenes": answer()["scenes"] * 3}
    model = Model(three, answer(entities=["corgi", "mouse"]), answer())
    replan_scene(plan, "meet", "", asker(model))
    assert "scenes: 3 came where one is needed" in model.asked[1][-1]
    assert "scenes[0].entities[1]: there is no entity 'mouse'" in model.asked[2][-1]
    with pytest.raises(AnswerError):
        replan_scene(plan, "meet", "", asker(Model(three), tries=1))


def test_locked_and_unknown_scenes_are_refused_before_asking(plan: VideoPlan) -> None:
    with pytest.raises(PlanError, match=r"scenes\[0\]: 'run' is locked and stays as it is; unlock"):
        replan_scene(plan, "run", "", asker(Model()))
    with pytest.raises(PlanError, match="there is no scene 'met'; did you mean 'meet'"):
        replan_scene(plan, "met", "", asker(Model()))


def test_entities_of_one_name_are_told_apart_by_their_ids() -> None:
    twins = [Entity(id=name, name="ball", kind="foreground") for name in ("ball", "ball-2")]
    scene = Scene(id="a", prompt="Two balls.", frames=4, entities=["ball", "ball-2"])
    plan = VideoPlan(
        version=1, prompt="p", fps=4, width=64, height=64, entities=twins, scenes=[scene]
    )
    told = answer(entities=["ball-2"], boxes=[], background="")
    model = Model(told)
    after = replan_scene(plan, "a", "only the second", asker(model))
    assert json.loads(model.asked[0][2])["scenes"][0]["entities"] == ["ball", "ball-2"]
    assert after.scenes[0].entities == ["ball-2"]


def video(*scenes: Scene, names: Mapping[str, str]) -> VideoPlan:
    """A plan with foreground entities by id and name, and the background "place"."""
    entities = [Entity(id=i, name=name, kind="foreground") for i, name in names.items()]
    place = Entity(id="place", name="place", kind="background")
    return VideoPlan(
        version=1,
        prompt="p",
        fps=4,
        width=64,
        height=64,
        entities=[*entities, place],
        scenes=list(scenes),
    )


def scene(name: str, *entities: str, locked: bool = False) -> Scene:
    layout = [{"frame": 0, "boxes": {entity: (0.0, 0.0, 0.5, 0.5) for entity in entities}}]
    return Scene.model_validate(
        {
            "id": name,
            "prompt": f"{name} shows {entities}",
            "frames": 4,
            "entities": list(entities),
            "background": "place",
            "layout": layout,
            "locked": locked,
        }
    )


def test_locked_scenes_stand_where_they_stood_with_their_entities() -> None:
    old = video(
        scene("one", "dog"),
        scene("two", "dog", "cafe", locked=True),
        scene("three", "bird"),
        names={"dog": "a dog", "cafe": "Café", "bird": "bird"},
    )
    new = video(
        scene("two", "dog", "cafe"),
        scene("scene-2", "gone"),
        scene("last", "dog", "bird"),
        names={"dog": "The Dog", "cafe": "cafe", "gone": "gone", "bird": "bird"},
    )
    kept = keep_locked(old, new)
    assert [s.id for s in kept.scenes] == ["two-2", "two", "last"]
    assert kept.scenes[1] == old.scenes[1]
    assert kept.scenes[2] == new.scenes[2]
    for name in ("dog", "cafe", "place"):
        assert _entity(kept, name) == _entity(old, name)
    assert kept.scenes[0].entities == ["dog", "cafe-2"]  # "cafe" is not called "Café"
    assert sorted(kept.scenes[0].layout[0].boxes) == ["cafe-2", "dog"]
    assert _entity(kept, "cafe-2").name == "cafe"
    assert sorted(e.id for e in kept.entities) == ["bird", "cafe", "cafe-2", "dog", "place"]
    assert plan_io.loads(plan_io.dumps(kept)) == kept


def _entity(plan: VideoPlan, name: str) -> Entity:
    (found,) = [entity for entity in plan.entities if entity.id == name]
    return found


def test_locked_scenes_beyond_the_end_come_last() -> None:
    old = video(*[scene(f"s{n}", "dog", locked=n == 3) for n in range(4)], names={"dog": "dog"})
    new = video(scene("s3", "dog", "dog-2"), names={"dog": "dog", "dog-2": "dog"})
    kept = keep_locked(old, new)
    assert [s.id for s in kept.scenes] == ["s3-2", "s3"]
    assert kept.scenes[1] == old.scenes[3]
    assert kept.scenes[0].entities == ["dog", "dog-2"]


def test_without_locked_scenes_the_new_plan_is_all() -> None:
    old = video(scene("one", "dog"), names={"dog": "dog"})
    new = video(scene("one", "cat"), names={"cat": "cat"})
    assert keep_locked(old, new) == new


def frames_plan() -> VideoPlan:
    told = Scene(id="a", prompt="all", frames=2, frame_prompts=["a ball falls", "a ball lies"])
    plain = Scene(id="b", prompt="all", frames=3)
    more = told.model_copy(update={"id": "c"})
    return VideoPlan(version=1, prompt="p", fps=4, width=64, height=64, scenes=[told, plain, more])


def test_frames_between_are_described_by_the_model_as_often_as_wanted() -> None:
    once = "1. a ball nears the ground\n2. a ball rests"
    twice = "\n".join(f"{number}. new {number}" for number in range(1, 5))
    model = Model(once, "<think>1. wrong</think>" + once, twice, twice)
    doubled = double_with_model(frames_plan(), asker(model), 2)
    assert not model.answers
    assert (doubled.fps, [scene.frames for scene in doubled.scenes]) == (16, [8, 12, 8])
    prompts = ["a ball falls", "new 1", "a ball nears the ground", "new 2"]
    assert doubled.scenes[0].frame_prompts[:4] == prompts
    assert doubled.scenes[2].frame_prompts == doubled.scenes[0].frame_prompts
    assert plan_io.loads(plan_io.dumps(doubled)) == doubled


def test_missing_frames_are_asked_again() -> None:
    good = "1. a\n2. b"
    model = Model("1. a", good, good)
    double_with_model(frames_plan(), asker(model), 1)
    assert "2 new frames need one line each, and 1 have none" in model.asked[1][-1]


def test_what_cannot_be_doubled_is_refused_before_asking() -> None:
    with pytest.raises(PlanError, match="frames per second cannot be doubled"):
        double_with_model(frames_plan(), asker(Model()), 5)
    with pytest.raises(ValueError, match="times: -1 is negative"):
        double_with_model(frames_plan(), asker(Model()), -1)
    assert double_with_model(frames_plan(), asker(Model()), 0) == frames_plan()
    silent = (
        plan_video("A ball rolls to the right.")
        .scenes[0]
        .model_copy(update={"frame_prompts": None})
    )
    plan = plan_video("A ball rolls to the right.").model_copy(update={"scenes": [silent]})
    assert double_with_model(plan, asker(Model()), 1).scenes[0].frames == 2 * silent.frames
