"""The picture, the frames and the cards of Edit Plan's editor, by mouse, touch and keys."""

import base64
import io
import json
import time

import pytest
from PIL import Image
from playwright.sync_api import expect
from video_director.bench import storyboard as bench

from .test_storyboard import LEFT, Storyboard, plan_text

RIGHT = [0.65, 0.55, 0.95, 0.85]
CAT = [0.4, 0.1, 0.6, 0.3]

DROP = """([selector, name, type, content]) => {
    const editors = [...document.querySelectorAll('.video-director-editor')]
    const root = editors.find((editor) => editor.checkVisibility()).shadowRoot
    const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0))
    const dataTransfer = new DataTransfer()
    dataTransfer.items.add(new File([bytes], name, {type}))
    const event = {dataTransfer, bubbles: true, cancelable: true, composed: true}
    for (const kind of ['dragover', 'drop'])
        root.querySelector(selector).dispatchEvent(new DragEvent(kind, event))
}"""
# A stage and cards of their own, with pictures that only this page knows: every frame has a colour.
PICTURES = """async ([plan, width]) => {
    const editor = (name) => import(`/extensions/ComfyUI-VideoDirector/editor/${name}.js`)
    const names = ['stage/stage', 'stage/cards', 'notes/note_places']
    const modules = await Promise.all(names.map(editor))
    const [{createStage}, {createCards}, {sorted}] = modules
    const parts = {t: (key) => key, act: {moveScene() {}, selectEntity() {}}}
    const [stage, cards] = [createStage(parts), createCards(parts)]
    const host = document.createElement('div')
    host.id = 'pictures'
    host.style.cssText = `position: fixed; inset: 60px auto auto 80px; width: ${width}px;
        height: 640px; z-index: 9999`
    const link = document.createElement('link')
    link.rel = 'stylesheet'
    link.href = '/extensions/ComfyUI-VideoDirector/editor/editor.css'
    const editorElement = document.createElement('div')
    editorElement.className = 'editor'
    editorElement.append(cards.element, stage.element)
    host.attachShadow({mode: 'open'}).append(link, editorElement)
    document.body.append(host)
    const drawing = document.createElement('canvas')
    const pictures = {
        old: new Set(), missing: new Set(),
        isCurrent: (scene) => !pictures.old.has(scene),
        frames: () => 9,
        url(scene, frame) {
            if (pictures.missing.has(scene)) return null
            const context = drawing.getContext('2d')
            context.fillStyle = `rgb(${frame * 25} 90 120)`
            context.fillRect(0, 0, 300, 150)
            return drawing.toDataURL() + '#' + scene + frame
        },
    }
    const view = {onion: false, boxes: true, pictures: true}
    const state = {plan, scene: plan.scenes[0], frame: 0, entityId: 'ball', view, pictures,
        colours: new Map([['ball', 'crimson']]), names: new Map(), changed: new Set(),
        notes: [], noted: sorted([], plan.scenes[0].id)}
    window.drawPictures = async (change) => {
        change?.(state)
        stage.draw(state)
        cards.draw(state)
        await new Promise((then) => setTimeout(then, 60))
        const shown = host.shadowRoot.querySelector('.rendered')
        return [shown.hidden, shown.querySelector('img')?.src.split('#')[1] ?? null,
            shown.classList.contains('older')]
    }
    return window.drawPictures()
}"""

pytestmark = pytest.mark.browser


def two_scenes(word):
    """A ball that moves in the first scene; the second one has only a cat in it."""
    plan = json.loads(plan_text(word))
    plan["entities"].append({"id": "cat", "name": "a cat", "kind": "foreground"})
    (meet,) = plan["scenes"]
    meet["layout"].append({"frame": 8, "boxes": {"ball": RIGHT}})
    there = {"id": "there", "prompt": "a cat", "frames": 9, "entities": ["cat"]}
    plan["scenes"].append({**there, "layout": [{"frame": 0, "boxes": {"cat": CAT}}]})
    return json.dumps(plan)


def picture_bytes(size=(40, 30)):
    data = io.BytesIO()
    Image.new("RGB", size, "orange").save(data, format="PNG")
    return data.getvalue()


class Stage(Storyboard):
    """The picture and the frames of the one editor on a page."""

    def go_to(self, frame):
        self.editor.get_by_label("Frame", exact=True).fill(str(frame))

    def scene(self, number):
        self.editor.get_by_role("option").nth(number).click()

    def drop(self, selector, name, kind, content):
        """Drop a file on something in the editor."""
        told = [selector, name, kind, base64.b64encode(content).decode()]
        self.page.evaluate(DROP, told)


class Finger:
    """One finger on a page, through the browser's own input."""

    def __init__(self, page):
        self._client = page.context.new_cdp_session(page)
        emulation = {"enabled": True, "maxTouchPoints": 2}
        self._client.send("Emulation.setTouchEmulationEnabled", emulation)

    def _send(self, kind, *points):
        touches = [{"x": x, "y": y} for x, y in points]
        self._client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})

    def stroke(self, start, by, *, rest=0.0, steps=8):
        """Touch, rest so many seconds, move by so many pixels, and let go."""
        self._send("touchStart", start)
        time.sleep(rest)
        for step in range(1, steps + 1):
            self._send(
                "touchMove", [at + d * step / steps for at, d in zip(start, by, strict=True)]
            )
            time.sleep(0.02)
        self._send("touchEnd")


def middle(locator):
    place = locator.bounding_box()
    return place["x"] + place["width"] / 2, place["y"] + place["height"] / 2


def test_boxes_are_copied_by_keys_and_buttons_and_the_neighbours_show_through(open_frontend):
    frontend = open_frontend()
    board = Stage(frontend, two_scenes("copied over"))
    board.run()
    page, editor = board.page, board.editor
    board.box.focus()
    page.keyboard.press("Control+c")
    board.scene(1)
    page.keyboard.press("Control+v")  # the ball enters the scene
    at = ["scenes", "there"]
    pasted = [
        {"at": [*at, "entities", "ball"], "to": "ball"},
        {"at": [*at, "layout", "0", "boxes", "ball"], "to": LEFT},
    ]
    assert board.edits() == pasted
    nodes = page.evaluate("() => window.app.rootGraph.nodes.length")
    assert nodes == 3  # the host did not paste a node

    # In a text, the keys are the text's own.
    prompt = editor.get_by_label("Prompt")
    prompt.focus()
    page.keyboard.press("Control+v")
    assert board.edits() == pasted

    board.scene(0)
    board.go_to(4)
    board.button("Copy the chosen box").click()
    board.go_to(6)
    board.button("Paste the copied box").click()
    scene = ["scenes", "meet", "layout"]
    between = [0.35, 0.55, 0.65, 0.85]
    assert {"at": [*scene, "6"], "to": {"frame": 6, "boxes": {"ball": between}}} in board.edits()

    # The keyframes beside: behind the boxes, with their frames, out of the way of the hand.
    ghosts = editor.locator(".ghost")
    assert ghosts.count() == 0
    onion = board.button("Show the keyframes before and after")
    onion.press("Enter")
    expect(onion).to_have_attribute("aria-pressed", "true")
    expect(ghosts).to_have_text(["‹ 0", "8 ›"])
    assert ghosts.evaluate_all("(all) => all.map((one) => one.style.left)") == ["5%", "65%"]
    board.go_to(8)
    expect(ghosts).to_have_text(["‹ 6"])
    board.go_to(6)

    board.button("Copy all boxes of this frame").click()
    frame = editor.get_by_label("to frame")
    expect(frame).to_be_focused()
    expect(frame).to_have_value("7")
    frame.fill("8")
    page.keyboard.press("Enter")
    moved = {"at": [*scene, "8", "boxes", "ball"], "was": RIGHT, "to": between}
    assert moved in board.edits()
    expect(editor.get_by_label("Frame", exact=True)).to_have_value("8")

    board.button("Show the boxes").click()
    assert not board.box.first.is_visible()
    board.button("Show the boxes").click()
    lock = board.button("Locked")
    lock.click()
    expect(lock).to_have_attribute("aria-pressed", "true")
    assert {"at": ["scenes", "meet", "locked"], "was": False, "to": True} in board.edits()
    said, _ = board.run()
    assert said["edited"]["scenes"][0]["locked"]
    assert said["edited"]["scenes"][1]["layout"][0]["boxes"] == {"cat": CAT, "ball": LEFT}
    assert frontend.problems == []


@pytest.mark.parametrize("nodes_2", [False, True])
def test_fingers_move_boxes_and_cards(open_frontend, nodes_2):
    frontend = open_frontend(nodes_2=nodes_2)
    board = Stage(frontend, two_scenes(f"touched {nodes_2}"))
    board.run()
    finger, editor = Finger(board.page), board.editor
    width = editor.locator(".picture").bounding_box()["width"]
    view = "() => [...window.app.canvas.ds.offset, window.app.canvas.ds.scale]"
    before = board.page.evaluate(view)
    finger.stroke(middle(board.box), (0.3 * width, 0))
    ball = ["scenes", "meet", "layout", "0", "boxes", "ball"]
    assert board.edits() == [{"at": ball, "was": LEFT, "to": [0.35, 0.55, 0.65, 0.85]}]
    finger.stroke(middle(board.box.locator('[data-side="1,1"]')), (0.2 * width, -0.1 * width))
    assert board.edits()[0]["to"] == [0.35, 0.55, 0.85, 0.75]

    # The ball into the other scene, drawn there.
    board.scene(1)
    editor.get_by_label("In this scene").first.check()
    x, y = middle(editor.locator(".picture"))
    finger.stroke((x - 0.3 * width, y + 0.1 * width), (0.2 * width, 0.3 * width))
    drawn = ["scenes", "there", "layout", "0", "boxes", "ball"]
    assert {"at": drawn, "to": [0.2, 0.6, 0.4, 0.9]} in board.edits()

    # A stroke scrolls or does nothing, a long press reorders.
    cards = editor.get_by_role("option")
    step = cards.nth(1).bounding_box()["x"] - cards.nth(0).bounding_box()["x"]
    edits = board.edits()
    finger.stroke(middle(cards.nth(0)), (1.4 * step, 0))
    assert board.edits() == edits
    finger.stroke(middle(cards.nth(0)), (1.4 * step, 0), rest=0.6)
    order = {"at": ["order", "scenes"], "was": ["meet", "there"], "to": ["there", "meet"]}
    assert board.edits() == [*edits, order]
    assert board.page.evaluate(view) == before  # the host's canvas stayed where it was
    assert frontend.problems == []


@pytest.mark.parametrize("nodes_2", [False, True])
def test_a_dropped_picture_is_the_things_own(open_frontend, nodes_2, server):
    frontend = open_frontend(nodes_2=nodes_2)
    board = Stage(frontend, two_scenes(f"pictured {nodes_2}"))
    board.run()
    editor, content = board.editor, picture_bytes()
    at = ["entities", "ball", "reference_image"]
    board.drop(".box[data-entity=ball]", "balloon.png", "image/png", content)
    expect(editor.locator(".picture-name").first).to_have_text("video_director/balloon.png")
    assert board.edits() == [{"at": at, "to": "video_director/balloon.png"}]
    kept = {"filename": "balloon.png", "subfolder": "video_director", "type": "input"}
    answer = board.page.request.get(f"{server.url}/api/view", params=kept)
    assert answer.body() == content
    small = editor.locator(".thing-picture img")
    size = "(one) => one.decode().then(() => one.naturalWidth)"
    assert small.evaluate(size) == 40
    nodes = board.page.evaluate("() => window.app.rootGraph.nodes.length")
    assert nodes == 3  # the host did not take it for a workflow

    # The same through the button for the cat; then without.
    with board.page.expect_file_chooser() as chooser:
        board.button("Choose a reference picture of a cat").click()
    file = {"name": "a cat.png", "mimeType": "image/png", "buffer": picture_bytes((20, 20))}
    chooser.value.set_files(file)
    expect(editor.locator(".picture-name").nth(1)).to_have_text("video_director/a cat.png")
    said, _ = board.run()
    names = [one["reference_image"] for one in said["edited"]["entities"]]
    assert names == ["video_director/balloon.png", "video_director/a cat.png"]
    board.button("Take the reference picture away").nth(1).click()
    board.button("Take the reference picture away").first.click()
    assert board.edits() == []

    # What is none, what only says that it is one, what is beside all things.
    board.drop(".entity", "plan.txt", "text/plain", b"no picture")
    expect(editor.locator(".notices")).to_contain_text("plan.txt is no picture")
    board.drop(".entity", "torn.png", "image/png", b"no picture")
    expect(editor.locator(".notices")).to_contain_text("torn.png is no picture")
    board.drop(".cards", "balloon.png", "image/png", content)
    expect(editor.locator(".notices")).to_contain_text("Drop a picture on a thing")
    assert board.edits() == []
    assert board.page.evaluate("() => window.app.rootGraph.nodes.length") == nodes
    assert frontend.problems == []


def test_a_plan_is_begun_from_nothing_and_runs(open_frontend, server):
    frontend = open_frontend()
    board = Stage(frontend, two_scenes("unheeded"))
    start = board.button("^New plan$")
    expect(board.editor).to_contain_text("Queue the workflow once")
    assert not start.is_visible()
    board.page.evaluate("""() => {
        const edit = window.app.rootGraph.nodes.find(({type}) => type === 'VideoDirectorEditPlan')
        edit.disconnectInput(edit.inputs.findIndex(({name}) => name === 'plan'))
    }""")
    expect(board.editor).to_contain_text("begin with a plan of one scene")
    start.click()
    board.editor.get_by_label("Prompt").fill("a red ball")
    board.button("new thing").click()
    picture = board.editor.locator(".picture")
    place = picture.bounding_box()
    board.page.mouse.move(place["x"] + 0.2 * place["width"], place["y"] + 0.2 * place["height"])
    board.page.mouse.down()
    board.page.mouse.move(place["x"] + 0.5 * place["width"], place["y"] + 0.6 * place["height"])
    board.page.mouse.up()
    api = frontend.api_form()
    (edit,) = (one for one in api.values() if one["class_type"] == "VideoDirectorEditPlan")
    assert "plan" not in edit["inputs"]
    held = json.loads(edit["inputs"]["edits"])
    assert [one["at"] for one in held["edits"]] == [[]]
    plan = held["edits"][0]["to"]
    assert plan["scenes"][0]["prompt"] == "a red ball"
    assert plan["scenes"][0]["layout"][0]["boxes"] == {"new_thing": [0.2, 0.2, 0.5, 0.6]}
    said, previewed = board.run()
    assert previewed
    assert said["incoming"] is None
    assert said["edited"]["scenes"][0]["layout"] == plan["scenes"][0]["layout"]
    expect(board.editor).to_contain_text("as in the last run")

    # The same by a script that knows no page.
    edit["inputs"]["edits"] = json.dumps({**held, "edits": [{"at": [], "to": {**plan, "fps": 12}}]})
    answer = board.page.request.post(f"{server.url}/prompt", data=json.dumps({"prompt": api}))
    said, previewed = board.result_of(answer.json()["prompt_id"])
    assert previewed
    assert said["edited"]["fps"] == 12
    assert frontend.problems == []


def test_rendered_frames_lie_behind_the_boxes_and_on_the_cards(open_frontend):
    page = open_frontend().page
    page.keyboard.press("Escape")
    plan = json.loads(two_scenes("rendered"))
    for scene in plan["scenes"]:
        scene["camera"] = {"direction": "static", "speed": "medium"}

    def draw(change):
        return page.evaluate(f"() => window.drawPictures({change})")

    assert page.evaluate(PICTURES, [plan, 420]) == [False, "meet0", False]
    cards = page.locator("#pictures .thumbnail")
    sources = cards.locator("img").evaluate_all("(all) => all.map((one) => one.src.split('#')[1])")
    assert sources == ["meet0", "there0"]
    assert draw("(state) => { state.frame = 5 }") == [False, "meet5", False]
    # While the frames play, there is a picture at every moment.
    gaps = page.evaluate("""async () => {
        const holder = document.querySelector('#pictures').shadowRoot
            .querySelector('.rendered > div')
        let gaps = 0
        const watcher = new MutationObserver(() => { gaps += holder.childElementCount !== 1 })
        watcher.observe(holder, {childList: true})
        for (let frame = 0; frame < 9; frame++)
            await window.drawPictures((state) => { state.frame = frame })
        watcher.disconnect()
        return gaps
    }""")
    assert gaps == 0
    older = "(state) => { state.frame = 2; state.pictures.old.add('meet') }"
    assert draw(older) == [False, "meet2", True]
    expect(page.locator("#pictures .older-label")).to_be_visible()
    expect(cards.first).to_have_class("thumbnail filled older")
    hidden = "(state) => { state.view = {...state.view, pictures: false} }"
    assert draw(hidden) == [True, None, True]
    assert cards.locator("img").count() == 0
    shown = "(state) => { state.view = {...state.view, pictures: true, boxes: false} }"
    assert draw(shown) == [False, "meet2", True]
    assert not page.locator("#pictures .box").is_visible()
    missing = "(state) => { state.pictures.missing.add('meet') }"
    assert draw(missing)[:2] == [True, None]


def test_a_box_of_a_large_plan_follows_every_move(open_frontend):
    page = open_frontend().page
    page.keyboard.press("Escape")
    bench.open_large_plan(page)
    moves, drops = bench.drag_a_box(page, 60)
    assert len({move["left"] for move in moves}) == 60
    assert drops[0]["left"] == pytest.approx(moves[-1]["left"], abs=1)

    # A card that is dragged to the end of the strip moves on there.
    cards = page.locator(".video-director-editor .cards")
    start, strip = middle(cards.locator(".card").first), cards.bounding_box()
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(strip["x"] + strip["width"] - 5, start[1], steps=5)
    page.wait_for_function("(one) => one.scrollLeft > 400", arg=cards.element_handle())
    page.mouse.up()
    first = cards.locator(".card").first
    expect(first).to_have_attribute("data-key", "s1")
    assert page.evaluate("(one) => one.scrollLeft", cards.element_handle()) > 400
    figures = {row.figure: row for row in bench.rows(page, 1, 8)}
    assert figures["time.move_median"].n == 8
