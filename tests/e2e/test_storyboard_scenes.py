"""Single scenes from the editor of Edit Plan: rendered, written anew, their takes; exported."""

import io
import json
import re

import pytest
from PIL import Image
from playwright.sync_api import expect

from ..scripted_language_model import ScriptedServer, fails, hangs, says
from .plan_jobs import LOADER, render_inputs

LEFT = [0.05, 0.55, 0.35, 0.85]
SECONDS = 60_000
WIDGET = """([type, name, value]) => {
    const node = window.app.rootGraph.nodes.find((one) => one.type === 'VideoDirector' + type)
    const widget = node.widgets.find((one) => one.name === name)
    if (value !== undefined) widget.value = value
    return widget.value
}"""
VALUES = """() => Object.fromEntries(
    window.app.rootGraph.serialize().nodes.map(({id, widgets_values}) => [id, widgets_values]))"""

pytestmark = pytest.mark.browser


def plan_text(word):
    """Two scenes with a ball; the second one is locked. The word keeps tests apart."""
    ball = {"id": "ball", "name": "a red ball", "kind": "foreground"}
    scene = {
        **{"frames": 2, "entities": ["ball"], "seed": 2**64 - 1},
        "layout": [{"frame": 0, "boxes": {"ball": LEFT}}],
    }
    first = {"id": "roll", "prompt": f"a {word} ball rolls", **scene}
    second = {"id": "rest", "prompt": f"a {word} ball rests", "locked": True, **scene}
    size = {"width": 128, "height": 128, "fps": 8}
    return json.dumps(
        {**{"version": 1, "prompt": word, **size}, "entities": [ball], "scenes": [first, second]}
    )


def workflow(word, review="pass", **changes):
    """Parse Plan -> Edit Plan -> Render Plan -> Join Scenes -> Preview Image, in API form."""

    def node(kind, **inputs):
        return {"class_type": kind, "inputs": inputs}

    loaded = {"model": ["1", 0], "clip": ["1", 1], "vae": ["1", 2]}
    edit = {"edits": "", "on_new_plan": "keep", "review": review, "plan": ["2", 0]}
    settings = {"only": "", "run_folder": "", "takes": "", **render_inputs(**changes)}
    return {
        "1": node(LOADER),
        "2": node("VideoDirectorParsePlan", text=plan_text(word)),
        "3": node("VideoDirectorEditPlan", **edit),
        "4": node("VideoDirectorRenderPlan", plan=["3", 0], **loaded, **settings),
        "5": node("VideoDirectorJoinScenes", clips=["4", 0], fps=0.0),
        "6": node("PreviewImage", images=["5", 0]),
    }


class Scenes:
    """The one editor on a page, and the workflow it stands in."""

    def __init__(self, frontend, workflow):
        self.frontend, self.page = frontend, frontend.page
        self.page.keyboard.press("Escape")  # the template dialog
        self.page.evaluate("(graph) => window.app.loadApiJson(graph, 'scenes')", workflow)
        self.page.wait_for_function("() => window.app.rootGraph.nodes.length > 1")
        self.editor = self.page.locator(".video-director-editor >> visible=true")
        self.show()

    def show(self):
        """Move the canvas to where the editor stands."""
        self.page.evaluate(
            """() => {
                const {canvas, rootGraph} = window.app
                const edit = rootGraph.nodes.find(({type}) => type === 'VideoDirectorEditPlan')
                canvas.ds.scale = 1
                canvas.ds.offset = [300 - edit.pos[0], 100 - edit.pos[1]]
                canvas.setDirty(true, true)
            }"""
        )

    def job_of(self, act):
        """What a job left behind that is queued by an act: (prompt, outputs)."""
        with self.page.expect_response(lambda r: r.url.endswith("/prompt")) as answer:
            act()
        job = answer.value.json()["prompt_id"]
        self.frontend.finish(job)
        url = f"{self.frontend.server}/api/history/{job}"
        entry = self.page.request.get(url).json()[job]
        return entry["prompt"][2], entry["outputs"]

    def run(self):
        return self.job_of(lambda: self.page.get_by_test_id("queue-button").click())

    def edits(self):
        text = self.widget("EditPlan", "edits")
        return json.loads(text)["edits"] if text else []

    def widget(self, *names):
        return self.page.evaluate(WIDGET, list(names))

    def button(self, name):
        return self.editor.get_by_role("button", name=re.compile(name))

    def card(self, number):
        return self.editor.get_by_role("option").nth(number)


def answer(prompt):
    """One scene with a new thing, as a language model writes it."""
    scene = {
        **{"prompt": prompt, "background": "", "entities": ["a red ball", "a blue star"]},
        **{"camera_direction": "left", "camera_speed": "slow", "action": "", "reasoning": ""},
        "boxes": [{"frame": 0, "entity": "a blue star", "box": [0.5, 0.1, 0.8, 0.4]}],
        "layout_strength": 0.2,
    }
    star = {"name": "a blue star", "description": "a star, blue"}
    return says(json.dumps({"entities": [star], "backgrounds": [], "scenes": [scene]}))


@pytest.fixture
def ask(server):
    """Start a scripted model behind the host's profile ``scripted``."""
    file = server.base / "user" / "video_director.toml"
    started = []

    def start(script):
        model = ScriptedServer(script).__enter__()
        started.append(model)
        file.write_text(
            f'[profiles.scripted]\nbase_url = "{model.url}"\nmodel = "scripted"\n'
            "[profiles.scripted.options]\ntries = 1\nsilence_timeout = 20\n"
        )
        file.chmod(0o600)
        return model

    yield start
    file.unlink(missing_ok=True)
    for model in started:
        model.__exit__()


def test_one_scene_is_rendered_before_the_plan_is_approved(open_frontend):
    frontend = open_frontend()
    scenes = Scenes(frontend, workflow("waiting", "wait"))
    expect(scenes.button("Render this scene")).to_have_count(0)  # no plan yet
    scenes.run()
    before = scenes.page.evaluate(VALUES)
    scenes.card(1).click()
    prompt, outputs = scenes.job_of(lambda: scenes.button("Render this scene").click())
    assert prompt["4"]["inputs"]["only"] == "rest"
    assert "3" not in prompt
    assert len(outputs["6"]["images"]) == 2  # one scene's frames
    expect(scenes.editor).to_contain_text("Scene 2 is queued, alone.")
    expect(scenes.button("Approve")).to_be_visible()
    assert scenes.page.evaluate(VALUES) == before
    assert scenes.edits() == []

    _, outputs = scenes.job_of(lambda: scenes.button("Approve").click())
    assert len(outputs["6"]["images"]) == 4

    # Without Render Plan it says what is missing.
    scenes.page.evaluate(
        """() => {
            const {rootGraph} = window.app
            const edit = rootGraph.nodes.find(({type}) => type === 'VideoDirectorEditPlan')
            edit.disconnectOutput(0)
        }"""
    )
    expect(scenes.button("Render this scene")).to_be_disabled()
    expect(scenes.button("Render this scene")).to_have_attribute("title", re.compile("Connect"))
    assert frontend.problems == []


def test_one_scene_is_written_anew_and_all_others_stay(open_frontend, ask):
    model = ask([answer("a red ball under a star")])
    frontend = open_frontend(nodes_2=True)
    scenes = Scenes(frontend, workflow("written", "wait"))
    scenes.run()
    scenes.card(1).click()
    expect(scenes.button("Re-plan")).to_be_disabled()
    expect(scenes.button("Re-plan")).to_have_attribute("title", re.compile("locked"))
    scenes.card(0).click()
    scenes.button("Re-plan").click()
    scenes.editor.get_by_label("What shall be different").fill("at night")
    scenes.button("Write anew").click()
    expect(scenes.editor.get_by_label("Prompt")).to_have_value(
        "a red ball under a star", timeout=SECONDS
    )
    assert "at night" in model.asked[0]["messages"][-1]["content"]
    edits = scenes.edits()
    places = [edit["at"] for edit in edits if edit["at"][0] != "entities"]
    assert {tuple(at[:2]) for at in places} == {("scenes", "roll")}
    (star,) = (edit for edit in edits if edit["at"][0] == "entities")
    assert "was" not in star
    said, _ = scenes.run()
    assert json.loads(said["3"]["inputs"]["edits"])["edits"] == edits
    scenes.button("Undo").click()
    assert scenes.edits() == []

    # What goes wrong is told in words, and a model that hangs can be left.
    ask([fails(401, "wrong key")])
    scenes.button("Re-plan").click()
    scenes.editor.get_by_label("What shall be different").fill("by day")
    scenes.button("Write anew").click()
    expect(scenes.editor).to_contain_text("profile 'scripted'", timeout=SECONDS)
    scenes.page.keyboard.press("Escape")
    model = ask(lambda body: hangs())
    scenes.editor.get_by_label("What shall be different").fill("slowly")
    scenes.button("Write anew").click()
    while not model.asked:
        scenes.page.wait_for_timeout(100)
    scenes.button("^Cancel").click()
    expect(scenes.button("Write anew")).to_be_visible()
    scenes.page.wait_for_timeout(2000)
    queue = scenes.page.request.get(f"{frontend.server}/api/queue").json()
    assert queue["queue_running"] == queue["queue_pending"] == []
    assert scenes.edits() == []


def test_without_a_language_model_it_says_so_and_storyboards_are_downloaded(open_frontend):
    frontend = open_frontend()
    scenes = Scenes(frontend, workflow("exported", "wait"))
    scenes.run()
    scenes.button("Re-plan").click()
    expect(scenes.editor).to_contain_text("video_director.toml")
    scenes.page.keyboard.press("Escape")
    expect(scenes.editor.get_by_text("video_director.toml")).to_be_hidden()
    for kind in ("PNG", "PDF"):
        with scenes.page.expect_download() as saved:
            scenes.button(f"as {kind}").click()
        assert saved.value.suggested_filename == f"storyboard.{kind.lower()}"
        with open(saved.value.path(), "rb") as file:
            content = file.read()
        if kind == "PDF":
            assert content.startswith(b"%PDF-")
            assert b"/Count 1" in content
        else:
            with Image.open(io.BytesIO(content)) as picture:
                assert picture.width > picture.height > 100
    assert frontend.problems == []


def test_takes_are_made_and_chosen(open_frontend):
    frontend = open_frontend()
    scenes = Scenes(frontend, workflow("taken", run_folder="runs/taken"))
    scenes.run()
    scenes.card(0).click()
    scenes.button("Another take").click()
    (edit,) = scenes.edits()
    assert edit["at"] == ["scenes", "roll", "seed"]
    assert edit["was"] == 2**64 - 1
    scenes.job_of(lambda: scenes.button("Render this scene").click())
    take = scenes.editor.get_by_label("Take of this scene")
    take.select_option("1")
    assert scenes.widget("RenderPlan", "takes") == "roll:1"
    take.select_option("")
    assert scenes.widget("RenderPlan", "takes") == ""
    assert frontend.problems == []
