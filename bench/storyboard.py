"""How fast Edit Plan's editor follows a hand on a large plan: ``director.py bench storyboard``.

Measured in a page of the host's own frontend, from where the page hears of a movement of the
pointer until the picture is laid out again; what the browser paints after that is not in it.
"""

from __future__ import annotations

import json
import statistics
from collections.abc import Sequence
from typing import Any

from playwright.sync_api import Page

from ..evaluation.figures import Figure
from ..evaluation.report import command_parser, report
from ..host.base_directory import temporary_base
from ..host.console import Console
from ..host.server import Server
from ..host.setup import Places
from ..tests.e2e.browser import open_browser
from ..tests.e2e.frontend import Frontend

COMMAND = "bench storyboard"
SCENES, THINGS, KEYFRAMES, FRAMES = 30, 8, 5, 17
_PATH = 0.6  # of the picture's width
_TREMBLE = 6  # pixels after which a press is a drag

OPEN = """(text) => {
    const graph = window.app.rootGraph
    graph.clear()
    const node = window.LiteGraph.createNode('VideoDirectorEditPlan')
    node.pos = [300, 100]
    graph.add(node)
    const edits = node.widgets.find(({name}) => name === 'edits')
    edits.value = text
    edits.callback(text)
}"""
WATCH = """() => {
    const root = document.querySelector('.video-director-editor').shadowRoot
    const picture = root.querySelector('.picture')
    let since = 0
    for (const kind of ['pointermove', 'pointerup']) {
        window.addEventListener(kind, () => { since = performance.now() }, true)
        picture.addEventListener(kind, () => {
            const {left} = root.querySelector('.box.selected').getBoundingClientRect()
            window.heard[kind].push({took: performance.now() - since, left})
        })
    }
}"""
LISTEN = "() => { window.heard = {pointermove: [], pointerup: []} }"

Heard = list[dict[str, float]]  # milliseconds the page took, and where the box is then


def large_plan() -> dict[str, Any]:
    """Scenes with many things, all of them moving."""
    names = [f"thing_{number}" for number in range(THINGS)]
    layout = [
        {"frame": frame, "boxes": {name: _box(n, frame) for n, name in enumerate(names)}}
        for frame in range(0, FRAMES, FRAMES // (KEYFRAMES - 1))
    ]
    scene = {"prompt": "many things", "frames": FRAMES, "entities": names, "layout": layout}
    return {
        **{"version": 1, "prompt": "many things", "fps": 8, "width": 512, "height": 512},
        "entities": [{"id": name, "name": name, "kind": "foreground"} for name in names],
        "scenes": [{"id": f"s{number}", **scene} for number in range(SCENES)],
    }


def _box(number: int, frame: int) -> list[float]:
    left, top = number / 20 + frame / 100, number / 10
    return [round(side, 4) for side in (left, top, left + 0.15, top + 0.2)]


def open_large_plan(page: Page) -> None:
    """An editor with the large plan, whole in its edits, on an otherwise empty canvas."""
    edits = {"version": 1, "edits": [{"at": [], "to": large_plan()}]}
    page.evaluate(OPEN, json.dumps(edits))
    page.locator(".video-director-editor .box").first.wait_for()
    page.evaluate(LISTEN)
    page.evaluate(WATCH)


def drag_a_box(page: Page, moves: int) -> tuple[Heard, Heard]:
    """Drag the first box to the right; what the page said of every move, and of the drop."""
    box = page.locator(".video-director-editor .box[data-key=thing_0]")
    box.focus()
    picture = page.locator(".video-director-editor .picture").bounding_box()
    place = box.bounding_box()
    x, y = place["x"] + place["width"] / 2, place["y"] + place["height"] / 2
    page.mouse.move(x, y)
    page.keyboard.down("Alt")  # off the grid, so that every move moves the box
    page.mouse.down()
    page.mouse.move(x + _TREMBLE, y)
    page.evaluate(LISTEN)
    for step in range(1, moves + 1):
        page.mouse.move(x + _TREMBLE + _PATH * picture["width"] * step / moves, y)
    page.mouse.up()
    page.keyboard.up("Alt")
    page.keyboard.press("Control+z")
    heard = page.evaluate("() => window.heard")
    return heard["pointermove"], heard["pointerup"]


def rows(page: Page, rounds: int, moves: int) -> list[Figure]:
    """Times of moves and drops over several drags."""
    drags = [drag_a_box(page, moves) for _ in range(rounds)]
    moved = sorted(one["took"] for heard, _ in drags for one in heard)
    dropped = [one["took"] for _, heard in drags for one in heard]
    return [
        Figure("time.move_median", statistics.median(moved), "ms", len(moved)),
        Figure("time.move_95th", moved[int(0.95 * len(moved))], "ms", len(moved)),
        Figure("time.drop_median", statistics.median(dropped), "ms", len(dropped)),
    ]


def main(argv: Sequence[str]) -> int:
    """Measure, print the table, write the file asked for."""
    parser = command_parser(COMMAND, __doc__)
    parser.add_argument("--rounds", type=int, default=5, help="drags")
    parser.add_argument("--moves", type=int, default=60, help="movements of each")
    options = parser.parse_args(list(argv))
    console, places = Console(), Places()
    console.say(f"a plan of {SCENES} scenes, {THINGS} things, {KEYFRAMES} keyframes each …")
    with (
        temporary_base(places.work / "runs") as base,
        Server(places.host, base) as host,
        open_browser() as browser,
    ):
        frontend = Frontend(browser, host.url)
        frontend.page.keyboard.press("Escape")  # the template dialog
        open_large_plan(frontend.page)
        found = rows(frontend.page, options.rounds, options.moves)
    report(console, COMMAND, options, found)
    return 0
