"""The editor as people see it: dark, light, and in a small window. Nothing is cut off at a side.

The pictures of the help page and of the README are these; to write them anew:

    export VIDEO_DIRECTOR_PICTURES=web/docs
    python director.py test -- tests/e2e/test_storyboard_pictures.py
"""

import os
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect

THEMES = ("dark", "light")
SIZE, SMALL_WINDOW, SMALL = (760, 860), {"width": 640, "height": 820}, (440, 600)
LEFT, TOP = 90, 130  # of the node on the page, beside and below what the host has there

PLACE = """([width, height, left, top]) => {
    const {graph, ds} = window.app.canvas
    const node = graph.nodes.find(({type}) => type === 'VideoDirectorEditPlan')
    node.setSize([width, height])
    ds.scale = 1
    ds.offset = [left - node.pos[0], top - node.pos[1]]
    window.app.canvas.setDirty(true, true)
}"""
# Parts that stick out of the editor, or hold more than they show from side to side.
CUT_OFF = """() => {
    const hosts = [...document.querySelectorAll('.video-director-editor')]
    const root = hosts.find((host) => host.checkVisibility()).shadowRoot
    const {left, right} = root.querySelector('.editor').getBoundingClientRect()
    const seen = [...root.querySelectorAll('button, input, select, textarea, summary, label')]
        .filter((part) => part.checkVisibility() && part.getBoundingClientRect().width > 1)
        .filter((part) => !part.closest('.cards'))  // a strip that scrolls
    return seen.filter((part) => {
        const box = part.getBoundingClientRect()
        const isButton = part.tagName === 'BUTTON' && part.scrollWidth > part.clientWidth + 1
        return box.left < left - 1 || box.right > right + 1 || isButton
    }).map((part) => part.outerHTML.slice(0, 200))
}"""

pytestmark = pytest.mark.browser


class View:
    """The storyboard's template on a page, drawn once."""

    def __init__(self, frontend, server):
        self.frontend, self.page = frontend, frontend.page
        self.page.set_viewport_size({"width": 1000, "height": 1080})
        frontend.open_template(server.packs[0][0], "storyboard")
        frontend.name_results("_for_pictures")
        frontend.finish(frontend.queue())
        self.editor = self.page.locator(".video-director-editor >> visible=true")

    def show(self, scene, frame, size):
        self.page.evaluate(PLACE, [*size, LEFT, TOP])
        self.editor.locator(".cards [role=option]").nth(scene).click()
        self.editor.get_by_label("Frame", exact=True).fill(str(frame))
        self.page.wait_for_timeout(1500)  # pictures behind the boxes come one after the other

    def use_theme(self, theme):
        self.frontend._setting("Comfy.ColorPalette", theme)
        self.page.wait_for_timeout(1500)  # the host keeps what is open soon after a change
        self.page.reload()
        self.page.wait_for_function("() => window.app?.rootGraph?.nodes.length > 5")
        expect(self.editor.locator(".cards [role=option]")).to_have_count(3)

    def picture(self, path, size):
        margin, head = 12, 36  # around the node, and its title
        place = {"x": LEFT - margin, "y": TOP - head - margin}
        wide, high = size[0] + 2 * margin, size[1] + head + 2 * margin
        self.page.screenshot(path=path, clip={**place, "width": wide, "height": high})
        target = os.environ.get("VIDEO_DIRECTOR_PICTURES")
        if target:
            Image.open(path).convert("RGB").save(Path(target) / path.name, optimize=True)


def test_nothing_is_cut_off_in_any_theme_and_size(open_frontend, server, tmp_path):
    frontend = open_frontend()
    view = View(frontend, server)
    frontend.page.on("dialog", lambda dialog: dialog.accept())
    for theme in THEMES:
        view.use_theme(theme)
        view.show(1, 4, SIZE)
        assert view.page.evaluate(CUT_OFF) == [], theme
        view.picture(tmp_path / f"edit_plan_{theme}.png", SIZE)
    files = (tmp_path / f"edit_plan_{theme}.png" for theme in ("light", "dark"))
    light, dark = (Image.open(file).convert("L").resize((1, 1)).getpixel((0, 0)) for file in files)
    assert light > dark + 60

    view.page.set_viewport_size(SMALL_WINDOW)
    view.show(0, 0, SMALL)
    assert view.page.evaluate(CUT_OFF) == []
    view.picture(tmp_path / "edit_plan_small.png", SMALL)
    assert frontend.problems == []
