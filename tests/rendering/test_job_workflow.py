"""Filling in a workflow keeps its two forms equal."""

import json

import pytest
from video_director.rendering.job_workflow import PARSER, PLANNER, JobWorkflow

RENDERER = "VideoDirectorRenderPlan"


@pytest.fixture
def shipped():
    return JobWorkflow.shipped()


def widgets(job, class_type):
    node_id = job.node_id(class_type)
    return next(n for n in job.ui["nodes"] if str(n["id"]) == node_id)["widgets_values"]


def test_values_go_into_both_forms_and_nowhere_else(shipped):
    before = json.dumps([shipped.api, shipped.ui])
    job = shipped.filled(PLANNER, prompt="A cat.", seed=77).filled(RENDERER, steps=3, cfg=2.5)
    assert json.dumps([shipped.api, shipped.ui]) == before
    assert job.inputs(PLANNER) == shipped.inputs(PLANNER) | {"prompt": "A cat.", "seed": 77}
    assert job.inputs(RENDERER) == shipped.inputs(RENDERER) | {"steps": 3, "cfg": 2.5}
    for class_type, values in ((PLANNER, ["A cat.", 77]), (RENDERER, [3, 2.5])):
        old, new = widgets(shipped, class_type), widgets(job, class_type)
        changed = [b for a, b in zip(old, new, strict=True) if a != b]
        assert changed == values
    others = [n for n in job.ui["nodes"] if n["type"] not in (PLANNER, RENDERER)]
    assert others == [n for n in shipped.ui["nodes"] if n["type"] not in (PLANNER, RENDERER)]


def test_a_plan_takes_the_planners_place(shipped):
    job = shipped.with_plan('{"version": 1}')
    assert not job.has(PLANNER)
    assert job.inputs(PARSER) == {"text": '{"version": 1}'}
    assert widgets(job, PARSER) == ['{"version": 1}']
    assert job.node_id(PARSER) == shipped.node_id(PLANNER)
    linked = {tuple(link[1:3]) for link in job.ui["links"]}
    assert (int(job.node_id(PARSER)), 0) in linked
    assert shipped.has(PLANNER)


def test_the_ui_form_travels_along(shipped):
    assert shipped.extra_data() == {"extra_pnginfo": {"workflow": shipped.ui}}


@pytest.mark.parametrize("class_type", ["NoSuchNode", "MarkdownNote"])
def test_a_node_that_is_not_there_once_is_an_error(shipped, class_type):
    with pytest.raises(ValueError, match=f"has 0 {class_type} nodes"):
        shipped.node_id(class_type)


def test_an_unknown_widget_is_an_error(shipped):
    with pytest.raises(ValueError, match="no widget 'colour'"):
        shipped.filled(PLANNER, colour="red")
