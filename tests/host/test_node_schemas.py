"""What every node owes its user: a consistent schema, words for everything, a help page."""

import asyncio
import inspect
from pathlib import Path

import pytest
from comfy_api.latest import io
from video_director.nodes import NODES, VideoDirectorExtension

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "web" / "docs"


def name_of(node):
    return node.define_schema().node_id


every_node = pytest.mark.parametrize("node", NODES, ids=name_of)


@every_node
def test_schema_inputs_are_the_parameters_of_execute(node):
    schema = node.define_schema()
    parameters = inspect.signature(node.execute).parameters
    assert [entry.id for entry in schema.inputs] == list(parameters)
    optional = {entry.id for entry in schema.inputs if entry.optional}
    defaults = {key for key, p in parameters.items() if p.default is not inspect.Parameter.empty}
    assert optional == defaults


@every_node
def test_the_host_accepts_the_schema(node):
    schema = node.GET_SCHEMA()
    assert schema.get_v1_info(node).name == schema.node_id


@every_node
def test_everything_is_explained(node):
    schema = node.define_schema()
    assert schema.category.startswith("VideoDirector")
    assert schema.display_name
    assert schema.description.endswith(".")
    assert schema.search_aliases
    for entry in [*schema.inputs, *schema.outputs]:
        assert entry.tooltip, f"{schema.node_id}.{entry.id} has no tooltip"
        assert entry.tooltip.endswith("."), f"{schema.node_id}.{entry.id}"


@every_node
def test_help_page(node):
    schema = node.define_schema()
    page = (DOCS / f"{schema.node_id}.md").read_text(encoding="utf-8")
    assert page.startswith(f"# {schema.display_name}\n")


def test_no_help_page_without_a_node():
    assert {page.stem for page in DOCS.glob("*.md")} == {name_of(node) for node in NODES}


def test_ids_are_unique_and_prefixed():
    ids = [name_of(node) for node in NODES]
    assert len(set(ids)) == len(ids)
    assert all(name.startswith("VideoDirector") for name in ids)


def test_the_extension_lists_the_nodes():
    assert asyncio.run(VideoDirectorExtension().get_node_list()) == NODES


@every_node
def test_widget_defaults_are_valid(node):
    for entry in node.define_schema().inputs:
        default = getattr(entry, "default", None)
        if isinstance(entry, io.Combo.Input) and entry.default is not None:
            assert default in entry.options
        if isinstance(entry, io.Int.Input | io.Float.Input):
            assert entry.min <= default <= entry.max
