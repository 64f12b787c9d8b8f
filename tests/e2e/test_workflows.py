"""Every shipped workflow, held against the running server without a browser."""

import json
import re
from pathlib import Path
from typing import Any

import av
import pytest
from PIL import Image
from video_director.host.server import OPENER

WORKFLOWS = Path(__file__).resolve().parents[2] / "workflows"
TEMPLATES = sorted(WORKFLOWS.glob("*.json"))
TWINS = sorted((WORKFLOWS / "api").glob("*.json"))

WIDGET_TYPES = {"INT", "FLOAT", "STRING", "BOOLEAN", "COMBO", "COMFY_DYNAMICCOMBO_V3"}
FRONTEND_ONLY = {"Note", "MarkdownNote", "Reroute", "PrimitiveNode"}
SEEDS = {"seed", "noise_seed"}

by_name = pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
twin_by_name = pytest.mark.parametrize("path", TWINS, ids=lambda path: path.stem)


def read(path: Path) -> dict[str, Any]:
    """One workflow, either form."""
    return dict(json.loads(path.read_text(encoding="utf-8")))


def kind_of(spec: list[Any]) -> str:
    """Socket type of an input of object_info; old nodes give a combo as its list of choices."""
    return "COMBO" if isinstance(spec[0], list) else str(spec[0])


def options_of(spec: list[Any]) -> dict[str, Any]:
    """Default, range and flags of an input of object_info."""
    return dict(spec[1]) if len(spec) > 1 else {}


def inputs_of(info: dict[str, Any], values: dict[str, Any]) -> dict[str, tuple[list[Any], bool]]:
    """Inputs of a node in API names, with whether each is required.

    A dynamic combo brings inputs of its own, named ``combo.input``, that depend on its value.
    """
    found: dict[str, tuple[list[Any], bool]] = {}

    def walk(groups: dict[str, dict[str, list[Any]]], prefix: str) -> None:
        for group in ("required", "optional"):
            for name, spec in groups.get(group, {}).items():
                full = prefix + name
                found[full] = (spec, group == "required")
                if kind_of(spec) == "COMFY_DYNAMICCOMBO_V3":
                    chosen = [
                        o for o in options_of(spec)["options"] if o["key"] == values.get(full)
                    ]
                    for option in chosen:
                        walk(option["inputs"], full + ".")

    walk(info["input"], "")
    return found


def is_widget(spec: list[Any]) -> bool:
    """Whether the frontend draws the input as a widget rather than only as a socket."""
    return kind_of(spec) in WIDGET_TYPES and not options_of(spec).get("forceInput")


def widgets_of(node: dict[str, Any], info: dict[str, Any]) -> dict[str, Any]:
    """The positional widget values of a UI node by API name; their number must be right."""
    positional = list(node.get("widgets_values", []))
    named: dict[str, Any] = {}

    def walk(groups: dict[str, dict[str, list[Any]]], prefix: str) -> None:
        specs = {**groups.get("required", {}), **groups.get("optional", {})}
        for name, spec in specs.items():
            if not is_widget(spec):
                continue
            assert positional, f"{node['type']}: no value left for {prefix + name}"
            value = named[prefix + name] = positional.pop(0)
            options = options_of(spec)
            seed = kind_of(spec) == "INT" and prefix + name in SEEDS
            if options.get("control_after_generate", seed):
                assert positional.pop(0) in ("fixed", "randomize", "increment", "decrement")
            for option in options.get("options", []) if "DYNAMIC" in kind_of(spec) else []:
                if option["key"] == value:
                    walk(option["inputs"], f"{prefix + name}.")

    walk(info["input"], "")
    assert not positional, f"{node['type']}: widget values too many: {positional}"
    return named


def value_problem(value: Any, spec: list[Any]) -> str | None:
    """What is wrong with a literal for an input, or None."""
    kind, options = kind_of(spec), options_of(spec)
    python = {"INT": int, "FLOAT": (int, float), "STRING": str, "BOOLEAN": bool}.get(kind)
    if python and (not isinstance(value, python) or (kind != "BOOLEAN" and value is True)):
        return f"{value!r} is no {kind}"
    if kind in ("INT", "FLOAT"):
        low, high = options.get("min", -float("inf")), options.get("max", float("inf"))
        return None if low <= value <= high else f"{value} is outside {low} to {high}"
    if kind == "COMFY_DYNAMICCOMBO_V3":
        keys = [option["key"] for option in options["options"]]
        return None if value in keys else f"{value!r} is none of {keys}"
    return None


def video_tags(file: Path) -> dict[str, str]:
    """Metadata of a video container that holds at least one frame."""
    with av.open(file) as container:
        assert next(container.decode(video=0)).width > 0
        return dict(container.metadata)


def picture_tags(file: Path) -> dict[str, str]:
    """Text chunks of a PNG."""
    with Image.open(file) as picture:
        return dict(picture.text)


# Files that bring their workflow back when they are dropped on the canvas.
CARRIERS = {".mp4": video_tags, ".png": picture_tags}


def models_not_on(server: str, workflow: dict[str, Any]) -> list[str]:
    """Model files a workflow names for download that the server does not have."""
    models = [m for node in workflow["nodes"] for m in node["properties"].get("models", [])]
    missing = []
    for model in models:
        with OPENER.open(f"{server}/models/{model['directory']}", timeout=60) as reply:
            if model["name"] not in json.load(reply):
                missing.append(model["name"])
    return missing


def test_each_template_has_its_twin_and_its_picture():
    names = [path.stem for path in TEMPLATES]
    assert names
    assert names == [path.stem for path in TWINS]
    pictures = sorted(path.stem for path in WORKFLOWS.glob("*.jpg"))
    assert names == pictures, "the template browser shows workflows/<name>.jpg on each card"


@pytest.mark.parametrize("path", TEMPLATES + TWINS, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_nothing_personal_in_it(path):
    workflow = read(path)
    for node in workflow.get("nodes", []):
        for model in node.get("properties", {}).pop("models", []):
            assert set(model) == {"name", "url", "directory"}
            assert model["name"] in node["widgets_values"]
            assert model["name"] in model["url"]
    text = json.dumps(workflow)
    assert not re.findall(r"\w+://[^\s\"\\]+", text)
    assert not re.findall(r"(?:\"|\s)(?:/(?:[\w.-]+/)+|[A-Za-z]:\\\\|~/)[^\s\"]*", text)


@twin_by_name
def test_api_inputs_are_what_the_server_takes(path, object_info):
    problems = []
    for number, node in read(path).items():
        where = f"{number} {node['class_type']}"
        assert node["class_type"] in object_info, f"{where}: the server has no such node"
        values = node["inputs"]
        allowed = inputs_of(object_info[node["class_type"]], values)
        problems += [f"{where}: unknown input {name}" for name in values if name not in allowed]
        for name, (spec, required) in allowed.items():
            if name not in values:
                if required:
                    problems.append(f"{where}: {name} is missing")
            elif not isinstance(values[name], list) and (bad := value_problem(values[name], spec)):
                problems.append(f"{where}: {name}: {bad}")
    assert not problems


@twin_by_name
def test_api_links_fit(path, object_info):
    workflow = read(path)
    links = 0
    for number, node in workflow.items():
        allowed = inputs_of(object_info[node["class_type"]], node["inputs"])
        for name, value in node["inputs"].items():
            if isinstance(value, list):
                source, slot = value
                outputs = object_info[workflow[source]["class_type"]]["output"]
                wanted = kind_of(allowed[name][0]).split(",")
                assert outputs[slot] in wanted or "*" in (outputs[slot], *wanted), (number, name)
                links += 1
    assert links >= len(workflow) - 1, "some node stands alone"
    assert any(object_info[node["class_type"]]["output_node"] for node in workflow.values())


@by_name
def test_ui_form_says_the_same_as_its_twin(path, object_info):
    workflow, twin = read(path), read(WORKFLOWS / "api" / path.name)
    sources = {link[0]: [str(link[1]), link[2]] for link in workflow["links"]}
    nodes = [node for node in workflow["nodes"] if node["type"] not in FRONTEND_ONLY]
    assert {str(node["id"]): node["type"] for node in nodes} == {
        number: node["class_type"] for number, node in twin.items()
    }
    for node in nodes:
        info = object_info[node["type"]]
        inputs = {s["name"]: sources[s["link"]] for s in node["inputs"] if s.get("link")}
        assert widgets_of(node, info) | inputs == twin[str(node["id"])]["inputs"], node["type"]
        assert [slot["type"] for slot in node["outputs"]] == info["output"], node["type"]


@by_name
def test_ui_links_are_whole(path):
    workflow = read(path)
    nodes = {node["id"]: node for node in workflow["nodes"]}
    assert workflow["version"] == 0.4
    for link, source, slot, target, at, kind in workflow["links"]:
        assert link in nodes[source]["outputs"][slot]["links"]
        assert nodes[target]["inputs"][at]["link"] == link
        assert nodes[source]["outputs"][slot]["type"] == kind
    assert workflow["last_node_id"] >= max(nodes)
    assert workflow["last_link_id"] >= max(link[0] for link in workflow["links"])


@by_name
def test_a_person_finds_groups_and_notes(path):
    workflow = read(path)
    assert len(workflow["groups"]) >= 2
    notes = [node for node in workflow["nodes"] if node["type"] == "MarkdownNote"]
    assert notes
    assert all(len(node["widgets_values"][0]) > 40 for node in notes)


@by_name
async def test_runs_and_its_results_carry_it(path, client, tmp_path):
    workflow, prompt = read(path), read(WORKFLOWS / "api" / path.name)
    if missing := models_not_on(client.url, workflow):
        pytest.skip(f"not on this machine: {', '.join(missing)}")
    for node in prompt.values():
        if "filename_prefix" in node["inputs"]:  # else the host may show files of another test
            node["inputs"]["filename_prefix"] += "_without_browser"
    result = await client.run(prompt, extra_data={"extra_pnginfo": {"workflow": workflow}})
    found = {}
    for number in result.outputs:
        for file in result.files(number):
            target = tmp_path / f"{number}_{file.filename}"
            target.write_bytes(await client.fetch(file))
            if file.type == "output" and target.suffix in CARRIERS:
                found[target.suffix] = carried = CARRIERS[target.suffix](target)
                assert json.loads(carried["workflow"]) == workflow, target.name
                told = json.loads(carried["prompt"])
                for node in told.values():
                    node.pop("is_changed", None)  # the host adds it where a node has fingerprints
                assert told == prompt, target.name
    assert set(found) == set(CARRIERS)
