"""The shipped storyboard, by hand and by a script: what was dragged is what both of them draw."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import av
import numpy as np
import pytest
from playwright.sync_api import expect
from video_director.host.client import Client
from video_director.host.server import Server
from video_director.miniature.oracle import read_picture
from video_director.planning.edit_text import read_edits
from video_director.planning.edits import apply

from .conftest import HOST

EDIT, PLANNER = "VideoDirectorEditPlan", "VideoDirectorPlanVideo"
FRAMES = 8  # of each of its three scenes
STAR = ("star", "blue")

pytestmark = pytest.mark.browser


def frames_of(video: Path) -> list[np.ndarray]:
    with av.open(video) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def centres(frames: list[np.ndarray]) -> list[float]:
    """Where the star's middle is from left to right, in every frame that shows one."""
    found = [read_picture(frame).of(*STAR) for frame in frames]
    return [(star[0].box[0] + star[0].box[2]) / 2 for star in found if star]


class Template:
    """The template on a page, and what its runs gave."""

    def __init__(self, page, server, folder):
        self.page, self.folder, self.runs = page, folder, 0
        page.open_template(server.packs[0][0], "storyboard")
        page.name_results("_edited_by_hand")
        self.editor = page.page.locator(".video-director-editor >> visible=true")

    def run(self):
        """Press Run; the video's frames, and what Edit Plan said."""
        job = self.page.queue()
        files = self.page.finish(job)
        self.runs += 1
        (video,) = (file for file in files if file["filename"].endswith(".mp4"))
        folder = self.folder / str(self.runs)
        folder.mkdir()
        answer = self.page.page.request.get(f"{self.page.server}/api/history/{job}")
        outputs = answer.json()[job]["outputs"]
        (said,) = (
            json.loads(out["edit_plan"][0]) for out in outputs.values() if "edit_plan" in out
        )
        return frames_of(self.page.fetch(video, folder)), said

    def drag_star(self, widths):
        """Drag the star of the last scene by parts of the picture's width."""
        self.editor.locator(".cards [role=option]").nth(2).click()
        self.editor.locator(".box").scroll_into_view_if_needed()
        picture = self.editor.locator(".picture").bounding_box()
        box = self.editor.locator(".box").bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        mouse = self.page.page.mouse
        mouse.move(x, y)
        mouse.down()
        mouse.move(x + widths * picture["width"], y, steps=5)
        mouse.up()


async def run_by_script(prompt: dict, base: Path) -> Path:
    """The video of a job on a server of its own, which no page knows."""
    with Server(HOST, base) as another:
        async with Client(another.url) as client:
            result = await client.run(prompt)
            files = [file for number in result.outputs for file in result.files(number)]
            (video,) = (file for file in files if file.filename.endswith(".mp4"))
            target = base / "by_script.mp4"
            target.write_bytes(await client.fetch(video))
    return target


def test_what_a_hand_drags_is_drawn_there_and_by_a_script_alike(open_frontend, server, tmp_path):
    template = Template(open_frontend(), server, tmp_path)
    before, said = template.run()
    assert len(before) == 3 * FRAMES
    middle = centres(before[2 * FRAMES :])
    assert len(middle) == FRAMES
    assert max(middle) < 0.6

    template.drag_star(0.3)
    expect(template.editor.locator(".box")).to_be_visible()
    after, said = template.run()
    right = centres(after[2 * FRAMES :])
    assert len(right) == FRAMES
    assert min(right) > 0.7
    for old, new in zip(before[: 2 * FRAMES], after, strict=False):
        # The encoder looks ahead into the last scene.
        assert np.abs(old.astype(int) - new).mean() < 3, "the other scenes are as they were"

    # What the page would send says it all: the same edits, the same plan, the same pictures.
    prompt = template.page.api_form()
    (edits,) = (n["inputs"]["edits"] for n in prompt.values() if n["class_type"] == EDIT)
    plan, misfits = apply(said["incoming"], read_edits(edits).edits)
    assert misfits == []
    assert plan == said["edited"]
    assert plan != said["incoming"]
    with ThreadPoolExecutor() as threads:  # the page's driver has the loop of this one
        video = threads.submit(asyncio.run, run_by_script(prompt, tmp_path / "another")).result()
    scripted = frames_of(video)
    assert len(scripted) == len(after)
    for one, other in zip(after, scripted, strict=True):
        assert np.array_equal(one, other)
    assert template.page.problems == []
