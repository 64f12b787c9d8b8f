"""The shipped workflows in the host's own frontend: opened, compared, run, dropped back.

Every file of workflows/ goes through this by itself. A workflow whose model files are not on the
server is opened and compared, not run.
"""

import itertools
import json
from pathlib import Path

import pytest

PACK = Path(__file__).resolve().parents[2]
WORKFLOWS = PACK / "workflows"
NAMES = [path.stem for path in sorted(WORKFLOWS.glob("*.json"))]
MIME = {".mp4": "video/mp4", ".webm": "video/webm", ".png": "image/png"}

pytestmark = pytest.mark.browser
each_workflow = pytest.mark.parametrize("name", NAMES)
both_renderers = pytest.mark.parametrize("nodes_2", [False, True], ids=["classic", "nodes 2.0"])


def without_meta(workflow):
    """An API workflow without the titles that only people read."""
    return {
        number: {key: value for key, value in node.items() if key != "_meta"}
        for number, node in workflow.items()
    }


def twin(name):
    """The committed API form."""
    return without_meta(json.loads((WORKFLOWS / "api" / f"{name}.json").read_text()))


def models_of(name):
    """Model files that a template says it needs."""
    nodes = json.loads((WORKFLOWS / f"{name}.json").read_text())["nodes"]
    return [model for node in nodes for model in node["properties"].get("models", [])]


def missing_models(page, name):
    """Those of them that the page's server does not have."""
    missing = []
    for model in models_of(name):
        answer = page.page.request.get(f"{page.server}/api/models/{model['directory']}")
        if model["name"] not in answer.json():
            missing.append(model)
    return missing


def assert_tidy(nodes):
    """No two nodes cover each other, and each lies inside a group."""
    assert not [node["title"] for node in nodes if not node["grouped"]]
    for one, two in itertools.combinations(nodes, 2):
        (x, y, w, h), (left, top, width, height) = one["box"], two["box"]
        apart = x + w <= left or left + width <= x or y + h <= top or top + height <= y
        assert apart, (one["title"], two["title"])


def assert_healthy(page, name):
    """No node is missing or in error, and neither the page nor its console complains."""
    missing = missing_models(page, name)
    page.wait_for_missing_models(len(missing))
    complaints = page.complaints()
    assert complaints.pop("models") == missing, "the page offers just these for download"
    assert not any(complaints.values()), complaints
    excused = {node["id"] for node in page.nodes() if any(m in missing for m in node["models"])}
    assert all(node["known"] for node in page.nodes())
    assert {node["id"] for node in page.nodes() if node["errors"]} <= excused
    # The page asks a missing model's host for the size of the download; tests have no network.
    urls = [model["url"].split("?")[0] for model in missing]
    assert not [text for text in page.problems if not any(url in text for url in urls)]


@both_renderers
@each_workflow
def test_opens_from_the_template_browser(open_frontend, name, nodes_2, server):
    page = open_frontend(nodes_2=nodes_2)
    page.open_template(server.packs[0][0], name)
    assert_healthy(page, name)
    assert without_meta(page.api_form()) == twin(name)
    assert_tidy(page.nodes())


@both_renderers
@each_workflow
def test_runs_from_the_page_and_comes_back_from_its_results(
    open_frontend, name, nodes_2, server, tmp_path
):
    page = open_frontend(nodes_2=nodes_2)
    if missing := missing_models(page, name):
        pytest.skip(f"not on this machine: {', '.join(model['name'] for model in missing)}")
    page.open_template(server.packs[0][0], name)
    page.name_results("_nodes_2" if nodes_2 else "_classic")
    queued = without_meta(page.api_form())
    files = page.finish(page.queue())
    page.screenshot(tmp_path / "finished.png")
    assert page.playing(), "no video preview appeared"
    assert page.pictures(), "no picture preview appeared"
    assert_healthy(page, name)
    assert_tidy(page.nodes())
    results = [page.fetch(file, tmp_path) for file in files if file["type"] == "output"]
    kinds = {result.suffix for result in results}
    assert {".mp4", ".png"} <= kinds
    for result in results:
        if result.suffix in MIME:
            page.clear()
            page.drop(result, MIME[result.suffix])
            assert without_meta(page.api_form()) == queued, result.name
            assert_healthy(page, name)
            assert_tidy(page.nodes())
