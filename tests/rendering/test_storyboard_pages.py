"""A printed storyboard has every scene, whole and readable, and the same bytes each time."""

import re
from collections.abc import Iterator
from itertools import pairwise

import pytest
from PIL import Image
from video_director.planning.plan_io import from_data
from video_director.planning.schema import VideoPlan
from video_director.rendering import storyboard, storyboard_pages
from video_director.rendering.lettering import text_width
from video_director.rendering.storyboard_file import storyboard_file
from video_director.rendering.storyboard_page_layout import PAGE, Row, arrange_pages
from video_director.rendering.storyboard_pages import draw_pages, storyboard_pdf

LONG = "An old fisherman rows his boat across the misty lake. " * 60


def plan_of(
    scenes: int, prompt: str = "A ball rolls.", size: tuple[int, int] = (256, 144), things: int = 1
) -> VideoPlan:
    entities = [
        {"id": f"t{i}", "name": f"a thing {i}", "kind": "foreground"} for i in range(things)
    ]
    scene = {
        "prompt": prompt,
        "frames": 9,
        "entities": [entity["id"] for entity in entities],
        "layout": [{"frame": 0, "boxes": {"t0": [0.1, 0.2, 0.5, 0.8]}}],
        "action": {"abseiling": 0.5},
    }
    return from_data(
        {
            **{"version": 1, "prompt": prompt, "fps": 8, "width": size[0], "height": size[1]},
            "entities": entities,
            "scenes": [{"id": f"s{number}", **scene} for number in range(scenes)],
        }
    )


def rows_of(plan: VideoPlan) -> Iterator[Row]:
    for page in arrange_pages(plan):
        yield from page.rows


@pytest.mark.parametrize("size", [(256, 144), (128, 128), (144, 256), (1024, 64)])
@pytest.mark.parametrize("things", [1, 8, 200])
@pytest.mark.parametrize("prompt", ["A ball rolls.", LONG])
def test_every_scene_stands_on_a_page_and_in_nothing_else(
    prompt: str, things: int, size: tuple[int, int]
) -> None:
    plan = plan_of(9, prompt, size, things)
    pages = arrange_pages(plan)
    assert [row.number for row in rows_of(plan)] == list(range(1, 10))
    for page in pages:
        for row in page.rows:
            left, top, right, bottom = row.rect
            assert 0 < left < right < PAGE[0]
            assert 0 < top < bottom < PAGE[1] - 40
            for panel in row.panels:
                assert left < panel.rect[0] < panel.rect[2] < row.text_left
                assert top < panel.rect[1] < panel.rect[3] < bottom
            told = (*row.lines, *row.notes)
            assert all(row.text_left + text_width(line, 13) < right for line in told)
        for above, below in pairwise(page.rows):
            assert above.rect[3] < below.rect[1]
        assert all(item.position[1] < PAGE[1] - 60 for item in page.legend)


def test_what_is_told_of_a_scene() -> None:
    (row,) = rows_of(plan_of(1))
    assert row.lines == ("A ball rolls.",)
    assert "in it: a thing 0" in row.notes
    assert any("9 frames" in line and "abseiling 0.5" in line for line in row.notes)
    assert [panel.frame for panel in row.panels] == [0, 4, 8]


def test_pages_are_numbered(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = []
    note = storyboard.draw_text

    def noting(paper, place, text, *rest):
        drawn.append(text)
        note(paper, place, text, *rest)

    monkeypatch.setattr(storyboard_pages, "draw_text", noting)
    count = len(draw_pages(plan_of(9)))
    assert count > 1
    assert [f"{number} / {count}" in drawn for number in range(1, count + 1)] == [True] * count


def test_a_pdf_has_its_pages_in_a4_and_the_same_bytes_each_time() -> None:
    plan = plan_of(9)
    pdf = storyboard_pdf(plan)
    assert pdf.startswith(b"%PDF-")
    assert pdf.rstrip().endswith(b"%%EOF")
    pages = len(arrange_pages(plan))
    assert f"/Count {pages}".encode() in pdf
    (first, *_) = re.findall(rb"/MediaBox \[ 0 0 ([\d.]+) ([\d.]+) \]", pdf)
    assert [round(float(length) / 72 * 25.4) for length in first] == [297, 210]
    assert b"Date" not in pdf
    assert storyboard_pdf(plan) == pdf
    assert storyboard_file(plan, "pdf") == pdf
    with pytest.raises(ValueError, match="use one of png, pdf"):
        storyboard_file(plan, "svg")


def test_rendered_frames_are_on_the_pages() -> None:
    plan = plan_of(2)
    red = [Image.new("RGB", (64, 36), (200, 10, 10))] * 3
    (page,) = draw_pages(plan, [None, red])
    plain, shown = (row.panels[0].rect for row in rows_of(plan))
    assert page.getpixel((2 * plain[0] + 4, 2 * plain[1] + 4)) == storyboard.PANEL
    assert page.getpixel((2 * shown[0] + 4, 2 * shown[1] + 4)) == (200, 10, 10)
    with pytest.raises(ValueError, match="frames of 1 scenes for a plan of 2"):
        storyboard_pdf(plan, [None])
