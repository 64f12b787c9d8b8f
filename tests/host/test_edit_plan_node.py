"""Edit Plan: what it gives on, what it says, and that waiting is no error."""

import json

import pytest
from comfy_execution.graph_utils import ExecutionBlocker
from video_director.nodes import edit_plan_node
from video_director.nodes.edit_plan_node import EditPlan
from video_director.nodes.planner_nodes import PlanVideo
from video_director.planning.edits import plan_data, plan_hash
from video_director.planning.schema import VideoPlan

PROMPT = "A red ball rolls across a meadow. Then the red ball meets a blue star by the sea."


@pytest.fixture
def plan():
    return PlanVideo.execute(PROMPT, 4, 8, 128, 128, 0, "offline")[0]


def edits_of(plan, *edits, **others):
    return json.dumps({"version": 1, "base": plan_hash(plan), "edits": edits, **others})


def new_prompt(plan, text="Nobody is there.", was=None):
    scene = plan.scenes[0]
    return {"at": ["scenes", scene.id, "prompt"], "was": was or scene.prompt, "to": text}


def told(output):
    (text,) = output.ui["text"]
    (shown,) = output.ui["edit_plan"]
    return text, json.loads(shown)


def test_no_edits_give_the_plan_on(plan):
    output = EditPlan.execute("", "keep", "pass", plan)
    assert output[0] == plan
    text, shown = told(output)
    assert text == "0 edits made"
    assert shown["incoming"] == shown["edited"] == plan_data(plan)
    assert shown["incoming_hash"] == shown["edited_hash"] == plan_hash(plan)
    assert (shown["waiting"], shown["misfits"]) == (False, [])


def test_edits_are_made_and_misfits_told(plan):
    edits = edits_of(plan, new_prompt(plan), {"at": ["fps"], "was": 99, "to": 12})
    output = EditPlan.execute(edits, "keep", "pass", plan)
    assert output[0].scenes[0].prompt == "Nobody is there."
    assert output[0].scenes[1] == plan.scenes[1]
    text, shown = told(output)
    assert text.splitlines() == [
        "1 edit made",
        "1 left out, which do not fit this plan:",
        "- fps: was 99 when it was edited, is 8 in this plan",
    ]
    assert [(misfit["at"], misfit["kind"]) for misfit in shown["misfits"]] == [(["fps"], "changed")]
    assert shown["incoming"] == plan_data(plan)
    assert shown["edited"] == plan_data(output[0])


def test_notes_are_those_of_the_edited_plan(plan):
    scene = plan.scenes[0]
    entity = scene.entities[0]
    tiny = [
        {
            "at": ["scenes", scene.id, "layout", str(keyframe.frame), "boxes", entity],
            **{"was": list(keyframe.boxes[entity]), "to": [0.5, 0.5, 0.51, 0.51]},
        }
        for keyframe in scene.layout
    ]
    _, shown = told(EditPlan.execute(edits_of(plan, *tiny), "keep", "pass", plan))
    paths = {note["path"] for note in shown["notes"]}
    assert f"scenes[0].layout[0].boxes.{entity}" in paths
    assert {"path", "message", "advice", "rule", "severity"} == set(shown["notes"][0])


def test_waiting_blocks_without_a_message(plan):
    output = EditPlan.execute("", "keep", "wait", plan)
    assert isinstance(output[0], ExecutionBlocker)
    assert output[0].message is None  # the host shows one as an error
    text, shown = told(output)
    assert shown["waiting"] is True
    approval = f'{{"version": 1, "approved": "{plan_hash(plan)}"}}'
    assert text.startswith(f"waiting for approval; to approve this plan, set edits to {approval} ")
    approved = EditPlan.execute(approval, "keep", "wait", plan)
    assert approved[0] == plan
    assert told(approved)[1]["waiting"] is False


def test_an_approval_is_of_the_edited_plan_alone(plan):
    edits = edits_of(plan, new_prompt(plan))
    text, shown = told(EditPlan.execute(edits, "keep", "wait", plan))
    assert shown["edited_hash"] != plan_hash(plan)
    assert f'add "approved": "{shown["edited_hash"]}" to the JSON in edits' in text
    approval = edits_of(plan, new_prompt(plan), approved=shown["edited_hash"])
    assert EditPlan.execute(approval, "keep", "wait", plan)[0].scenes[0].prompt
    other = edits_of(plan, new_prompt(plan, "It rains."), approved=shown["edited_hash"])
    output = EditPlan.execute(other, "keep", "wait", plan)
    assert isinstance(output[0], ExecutionBlocker)
    assert "what was approved before is another plan" in told(output)[0]


def test_another_plan(plan):
    edits = edits_of(plan, new_prompt(plan))
    another = plan.model_copy(update={"fps": 12})
    assert EditPlan.execute(edits, "keep", "pass", another)[0].scenes[0].prompt.startswith("Nobody")
    discarded = EditPlan.execute(edits, "discard", "pass", another)
    assert discarded[0] == another
    assert "1 left out, made on another plan; set on_new_plan to keep" in told(discarded)[0]
    with pytest.raises(ValueError, match="Edit Plan: .*another plan.*set on_new_plan to keep"):
        EditPlan.execute(edits, "stop", "pass", another)
    assert EditPlan.execute(edits, "stop", "pass", plan)[0].scenes[0].prompt.startswith("Nobody")


def test_a_whole_plan_needs_none_to_come_in(plan):
    whole = json.dumps({"version": 1, "edits": [{"at": [], "to": plan_data(plan)}]})
    output = EditPlan.execute(whole, "stop", "pass")
    assert output[0] == plan
    assert told(output)[1]["incoming"] is None
    with pytest.raises(ValueError, match="Edit Plan: .*there is no plan; connect one"):
        EditPlan.execute("", "keep", "pass")


def test_what_cannot_be_used_is_told_with_the_nodes_name(plan):
    broken = '{"version": 1, "edits": [{"at": ["colour"], "to": 1}]}'
    for edits in ("{", broken):
        refusal = EditPlan.validate_inputs(edits)
        assert refusal.startswith("Edit Plan: the edits cannot be used: ")
        with pytest.raises(ValueError, match="Edit Plan: the edits cannot be used: "):
            EditPlan.execute(edits, "keep", "pass", plan)
    assert EditPlan.validate_inputs("") is True
    assert EditPlan.validate_inputs(None) is True
    with pytest.raises(ValueError, match=r"Edit Plan: [\s\S]*fps: 0 is too small; use 1 or more"):
        EditPlan.execute(edits_of(plan, {"at": ["fps"], "was": 8, "to": 0}), "keep", "pass", plan)


def test_what_is_shown_is_bounded(plan, monkeypatch):
    monkeypatch.setattr(edit_plan_node, "MOST_SHOWN_BYTES", 500)
    _, shown = told(EditPlan.execute("", "keep", "wait", plan))
    assert shown["too_large"] is True
    assert shown["edited_hash"] == plan_hash(plan)
    assert "edited" not in shown
    many = [{"at": ["scenes", f"x{n}", "prompt"], "was": "a", "to": "b"} for n in range(50)]
    text, _ = told(EditPlan.execute(edits_of(plan, *many), "keep", "pass", plan))
    assert text.splitlines()[-1] == "- and 30 more"


def test_words_of_strangers_are_shown_as_they_are(plan):
    """Text stays text in JSON; nothing is made markup on the way."""
    hostile = '<img src=x onerror="alert(1)">'
    output = EditPlan.execute(edits_of(plan, new_prompt(plan, hostile)), "keep", "pass", plan)
    assert isinstance(output[0], VideoPlan)
    assert told(output)[1]["edited"]["scenes"][0]["prompt"] == hostile
