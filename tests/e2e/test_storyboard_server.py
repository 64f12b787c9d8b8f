"""The editor of Edit Plan and the server: rendered pictures, and notes while one edits."""

import json
import re

import pytest
from playwright.sync_api import expect

from .frontend import MILLISECONDS
from .plan_jobs import render_inputs
from .test_storyboard import Storyboard

# Parse Plan -> Edit Plan -> Render Plan -> Join Scenes -> Preview Image, with the miniature.
GRAPH = """([text, values]) => {
    const graph = window.app.rootGraph
    graph.clear()
    const names = ['ParsePlan', 'EditPlan', 'LoadMiniature', 'RenderPlan', 'JoinScenes', 'Preview']
    const nodes = names.map((name, place) => {
        const type = name === 'Preview' ? 'PreviewImage' : 'VideoDirector' + name
        const node = window.LiteGraph.createNode(type)
        node.pos = [[0, 80], [420, 80], [0, 400], [1200, 80], [1600, 80], [1600, 500]][place]
        graph.add(node)
        return node
    })
    const [parse, edit, load, render, join, preview] = nodes
    const set = (node, name, value) => node.widgets.find((w) => w.name === name).value = value
    set(parse, 'text', text)
    for (const [name, value] of Object.entries(values)) set(render, name, value)
    const link = (from, slot, to, name) =>
        from.connect(slot, to, to.inputs.findIndex((input) => input.name === name))
    link(parse, 0, edit, 'plan')
    link(edit, 0, render, 'plan')
    for (const [slot, name] of ['model', 'clip', 'vae'].entries()) link(load, slot, render, name)
    link(render, 0, join, 'clips')
    link(join, 0, preview, 'images')
}"""
PATIENT = {"timeout": MILLISECONDS}  # the machine may be busy rendering
LOADED = "(img) => img.complete && img.naturalWidth > 0"

pytestmark = pytest.mark.browser


def plan_text(word):
    thing = {"id": "ball", "name": "a red ball", "kind": "foreground"}
    layout = [{"frame": 0, "boxes": {"ball": [0.05, 0.5, 0.4, 0.85]}}]
    common = {"frames": 5, "entities": ["ball"], "layout": layout}
    scenes = [
        {"id": "one", "prompt": f"a red ball in a {word}", **common},
        {"id": "two", "prompt": f"a red ball by the sea, {word}", **common},
    ]
    size = {"width": 128, "height": 128}
    plan = {"version": 1, "prompt": word, "fps": 8, **size, "entities": [thing], "scenes": scenes}
    return json.dumps(plan)


class Rendering(Storyboard):
    """A storyboard whose plan is rendered."""

    def __init__(self, frontend, text, **values):
        self.frontend, self.page = frontend, frontend.page
        self.page.keyboard.press("Escape")  # the template dialog
        self.page.evaluate(GRAPH, [text, render_inputs(**values)])
        self.find()

    def pictures(self):
        """Where the pictures on the cards come from, once they are there."""
        shown = self.editor.locator(".card img[src]")
        expect(shown).to_have_count(2, **PATIENT)
        for picture in shown.all():
            handle = picture.element_handle()
            self.page.wait_for_function(LOADED, arg=handle)
        return [picture.get_attribute("src") for picture in shown.all()]


@pytest.mark.parametrize("nodes_2", [False, True])
def test_rendered_frames_are_shown_until_the_scene_is_another(open_frontend, nodes_2, tmp_path):
    frontend = open_frontend(nodes_2=nodes_2)
    board = Rendering(frontend, plan_text(f"field{nodes_2}"), steps=2)
    dialogs = []
    board.page.on("dialog", lambda dialog: (dialogs.append(dialog.type), dialog.accept()))
    board.run()
    first = board.pictures()
    assert all("/video_director/runs/" in url for url in first)
    expect(board.editor.locator(".stage .rendered img")).to_have_count(1, **PATIENT)
    board.editor.screenshot(path=str(tmp_path / "rendered.png"))

    board.editor.get_by_label("Prompt", exact=True).first.fill("a red ball at night")
    board.page.keyboard.press("Tab")
    cards = board.editor.locator(".card .thumbnail")
    expect(cards.nth(0)).to_have_class(re.compile("older"), **PATIENT)
    expect(cards.nth(1)).not_to_have_class(re.compile("older"), **PATIENT)
    board.run()
    expect(board.editor.locator(".older")).to_have_count(0, **PATIENT)
    second = board.pictures()
    assert not set(first) & set(second)

    board.page.wait_for_timeout(1500)  # the host keeps what is open soon after a change
    board.page.reload()
    board.page.wait_for_function("() => window.app?.rootGraph?.nodes.length === 6")
    board.find()
    assert board.pictures() == second
    assert frontend.problems == []


def test_notes_come_while_one_edits_at_their_places(open_frontend, tmp_path):
    frontend = open_frontend()
    board = Storyboard(frontend, plan_text("notes"))
    board.run()
    card = board.editor.locator(".card").first
    frames = board.editor.get_by_label("Frames", exact=True)
    expect(card).not_to_have_attribute("aria-label", re.compile("notes: 1"), **PATIENT)
    frames.fill("2")
    board.page.keyboard.press("Tab")
    expect(card).to_have_attribute("aria-label", re.compile("Director's notes: 1"), **PATIENT)
    expect(card.locator("[data-icon=note]")).to_have_count(1, **PATIENT)
    expect(frames).to_have_attribute("aria-description", re.compile("hardly seen"), **PATIENT)
    # A thing's note stands on its row and on its box.
    board.box.focus()
    for _ in range(6):
        board.page.keyboard.press("Alt+Shift+ArrowLeft")
    for _ in range(5):
        board.page.keyboard.press("Shift+ArrowLeft")
    row = board.editor.locator(".entity .noted")
    board.page.evaluate("() => window.scrollTo(0, 0)")
    board.editor.screenshot(path=str(tmp_path / "notes.png"))
    expect(row).to_have_attribute("title", re.compile("thick|small"), **PATIENT)
    expect(board.box).to_have_attribute("aria-description", re.compile("thick|small"), **PATIENT)

    # Without a server that answers, the notes of the last run stay and are called so.
    board.page.route("**/video_director/lint", lambda route: route.abort())
    frames.fill("9")
    board.page.keyboard.press("Tab")
    board.editor.get_by_text(re.compile("^Director's notes")).click()
    expect(board.editor).to_contain_text("Of the last run", **PATIENT)
    assert [problem for problem in frontend.problems if "ERR_FAILED" not in problem] == []
