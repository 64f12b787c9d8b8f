"""The storyboard shows boxes where the plan has them, and all its text fits."""

from itertools import combinations

import pytest
from PIL import Image
from video_director.planning.layout import boxes_at
from video_director.planning.plan_io import from_data
from video_director.planning.schema import Camera, VideoPlan
from video_director.rendering import lettering, storyboard, storyboard_marks
from video_director.rendering.lettering import line_height, shorten, text_width, wrap_text
from video_director.rendering.storyboard import PANEL, draw_storyboard
from video_director.rendering.storyboard_layout import SWATCH, arrange, shown_frames
from video_director.rendering.storyboard_marks import camera_symbol, entity_colours

LONG = "An old fisherman in a yellow raincoat slowly rows his boat across the misty lake. " * 40
WORD = "Donaudampfschifffahrtsgesellschaft" * 5


def sample(
    scenes: int,
    *,
    prompt: str = "It moves.",
    names: tuple[str, ...] = ("a", "b"),
    step: float = 0.01,
) -> dict:
    entities = [
        {"id": f"thing-{i}", "name": name, "kind": "foreground"} for i, name in enumerate(names)
    ]
    entities.append({"id": "sea", "name": "the sea", "kind": "background"})
    boxes = [
        {f"thing-{i}": [x + i * step, 0.4, x + 0.3 + i * step, 0.8] for i in range(len(names))}
        for x in (0.05, 0.55)
    ]
    return {
        "version": 1,
        "prompt": prompt,
        "fps": 8,
        "width": 256,
        "height": 192,
        "entities": entities,
        "scenes": [
            {
                "id": f"scene-{number}",
                "prompt": prompt,
                "frames": 9,
                "background": "sea",
                "entities": [f"thing-{i}" for i in range(len(names))],
                "layout": [{"frame": 0, "boxes": boxes[0]}, {"frame": 8, "boxes": boxes[1]}],
                "camera": {"direction": "zoom_in" if number % 2 else "left", "speed": "fast"},
            }
            for number in range(scenes)
        ],
    }


def one_box(box: list[float]) -> VideoPlan:
    data = sample(1, names=("a",))
    data["scenes"][0]["layout"] = [{"frame": 0, "boxes": {"thing-0": box}}]
    return from_data(data)


@pytest.mark.parametrize(
    "box", [[0.1, 0.5, 0.6, 0.9], [0, 0.25, 1, 1], [0.3, 0.4, 0.75, 0.95], [0.8, 0.7, 1, 1]]
)
def test_boxes_are_drawn_where_asked(box: list[float]) -> None:
    plan = one_box(box)
    picture = draw_storyboard(plan)
    colour = entity_colours(plan)["thing-0"]
    for panel in arrange(plan).cards[0].panels:
        left, top, right, bottom = panel.rect
        x0, x1 = (left + round(x * (right - left - 1)) for x in (box[0], box[2]))
        y0, y1 = (top + round(y * (bottom - top - 1)) for y in (box[1], box[3]))
        low = y1 - (y1 - y0) // 4  # below the name, which may stand on the upper edge
        assert picture.getpixel((x0, low)) == colour
        assert picture.getpixel((x1, low)) == colour
        assert picture.getpixel((x0 + (x1 - x0) * 3 // 4, y1)) == colour
        assert picture.getpixel((x0 + 5, low)) not in (colour, PANEL)
        for x, inside in ((x0 - 2, x0 - 2 >= left), (x1 + 2, x1 + 2 < right)):
            if inside:
                assert picture.getpixel((x, low)) != colour


def test_boxes_move_from_panel_to_panel() -> None:
    plan = from_data(sample(1, names=("a",)))
    picture = draw_storyboard(plan)
    colour = entity_colours(plan)["thing-0"]
    for panel in arrange(plan).cards[0].panels:
        left, top, right, bottom = panel.rect
        row = top + round(0.8 * (bottom - top - 1))
        columns = [x for x in range(left, right) if picture.getpixel((x, row)) == colour]
        box = boxes_at(plan.scenes[0], panel.frame)["thing-0"]
        assert min(columns) == left + round(box[0] * (right - left - 1))
        assert max(columns) == left + round(box[2] * (right - left - 1))


def test_first_middle_and_last_frame() -> None:
    plan = from_data(sample(1))
    assert shown_frames(plan.scenes[0]) == [0, 4, 8]
    assert shown_frames(plan.scenes[0].model_copy(update={"frames": 2})) == [0, 1]
    assert shown_frames(plan.scenes[0].model_copy(update={"frames": 1})) == [0]


def test_an_entity_has_one_colour_in_all_scenes_and_the_legend() -> None:
    data = sample(2)
    data["scenes"][1]["entities"].reverse()
    plan = from_data(data)
    board, picture = arrange(plan), draw_storyboard(plan)
    colours = entity_colours(plan)
    assert len({colours["thing-0"], colours["thing-1"], colours["sea"]}) == 3
    for card in board.cards:
        left, top, right, bottom = card.panels[0].rect
        for name, box in boxes_at(card.scene, 0).items():
            x = left + round(box[0] * (right - left - 1))
            assert picture.getpixel((x, top + round(0.75 * (bottom - top - 1)))) == colours[name]
    for item in board.legend:
        x, y = item.position
        height = line_height(storyboard.META_SIZE)
        assert picture.getpixel((x, y + (height - SWATCH) // 2)) == colours[item.entity.id]


def test_a_colour_that_a_name_says_is_used() -> None:
    names = ("thing", "red ball", "blue star", "blue boat")
    colours = entity_colours(from_data(sample(1, names=names, step=0.001)))
    red, star = colours["thing-1"], colours["thing-2"]
    assert red[0] > 2 * max(red[1:])
    assert star[2] > 1.5 * max(star[:2])
    assert len(set(colours.values())) == 5


def test_many_entities_have_colours_of_their_own() -> None:
    plan = from_data(sample(1, names=tuple(f"thing {i}" for i in range(40)), step=0.001))
    colours = [colour for name, colour in entity_colours(plan).items() if name != "sea"]
    assert len(set(colours)) == 40


def test_rendered_frames_are_shown_beneath() -> None:
    plan = one_box([0.5, 0.5, 0.9, 0.9])
    shades = [(25 * i, 255 - 25 * i, 100) for i in range(9)]
    frames = [Image.new("RGB", (64, 48), shade) for shade in shades]
    picture = draw_storyboard(plan, [frames])
    for panel in arrange(plan).cards[0].panels:
        left, top, right, bottom = panel.rect
        assert picture.getpixel((left + 3, bottom - 4)) == shades[panel.frame]
        inside = (left + (right - left) * 7 // 10, top + (bottom - top) * 7 // 10)
        assert picture.getpixel(inside) == shades[panel.frame]


def test_scenes_without_frames_stay_plain() -> None:
    plan = from_data(sample(2))
    frames = [Image.new("RGB", (64, 48), (200, 10, 10))]
    picture = draw_storyboard(plan, [None, frames])
    corners = [card.panels[0].rect for card in arrange(plan).cards]
    assert picture.getpixel((corners[0][0] + 2, corners[0][3] - 3)) == PANEL
    assert picture.getpixel((corners[1][0] + 2, corners[1][3] - 3)) == (200, 10, 10)


def test_frames_must_match_the_scenes() -> None:
    plan = from_data(sample(2))
    with pytest.raises(ValueError, match="frames of 1 scenes for a plan of 2; give one entry"):
        draw_storyboard(plan, [None])
    with pytest.raises(ValueError, match="give None instead of an empty list"):
        draw_storyboard(plan, [None, []])


def test_the_same_plan_gives_the_same_picture() -> None:
    plan = from_data(sample(2))
    assert draw_storyboard(plan).tobytes() == draw_storyboard(plan).tobytes()


def test_namesakes_are_numbered() -> None:
    plan = from_data(sample(1, names=("sheep", "dog", "sheep")))
    assert [item.text for item in arrange(plan).legend] == ["sheep 1", "dog", "sheep 2", "the sea"]


NAMES = ("красный шар", "café à la crème", "a name " * 30, "紅色的球", "🙂", "Łódź", "a", "a")


@pytest.mark.parametrize("scenes", [1, 2, 3, 4, 7, 13])
@pytest.mark.parametrize(
    ("prompt", "names"), [("It moves.", ("ball", "star")), (LONG, NAMES), (WORD, ("x" * 200,) * 14)]
)
def test_no_text_is_clipped_or_written_over_another(
    scenes: int, prompt: str, names: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    data = sample(scenes, prompt=prompt, names=names)
    data["scenes"][0]["id"] = "a-very-long-scene-id-that-goes-on-and-on-and-on-and-on-and-on-9"
    data["scenes"][0]["camera"] = {"direction": "zoom_out", "speed": "medium"}
    plan = from_data(data)
    board = arrange(plan)
    written: list[tuple[tuple[int, int, int, int], str]] = []

    def note(canvas: object, position: tuple[int, int], text: str, size: int, fill: object) -> None:
        x, y = position
        written.append(((x, y, x + text_width(text, size), y + line_height(size)), text))

    monkeypatch.setattr(storyboard, "draw_text", note)
    monkeypatch.setattr(storyboard_marks, "draw_text", lambda *_: None)
    draw_storyboard(plan)
    width, height = board.size
    for rect, text in written:
        assert 0 <= rect[0] and 0 <= rect[1] and rect[2] <= width and rect[3] <= height, text  # noqa: PT018
    for (one, first), (other, second) in combinations(written, 2):
        apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
        assert apart, (first, second)
    for card in board.cards:
        own = [rect for rect, _ in written if card.rect[0] <= rect[0] < card.rect[2]]
        own = [rect for rect in own if card.rect[1] <= rect[1] < card.rect[3]]
        assert len(own) >= len(card.lines) + len(card.notes) + 6
        assert all(rect[2] <= card.rect[2] and rect[3] <= card.rect[3] for rect in own)


@pytest.mark.parametrize("over_picture", [False, True])
def test_names_stay_in_their_panel_and_apart(
    over_picture: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = from_data(sample(1, names=("ball", "star", "a blue car", "dog", "a")))
    frames = [Image.new("RGB", (8, 8))] if over_picture else None
    tags: list[tuple[int, int, int, int]] = []

    def note(canvas: object, position: tuple[int, int], text: str, size: int, fill: object) -> None:
        x, y = position
        tags.append((x, y, x + text_width(text, size), y + line_height(size)))

    monkeypatch.setattr(storyboard_marks, "draw_text", note)
    draw_storyboard(plan, [frames])
    panels = [panel.rect for panel in arrange(plan).cards[0].panels]
    assert len(tags) == 15
    for tag in tags:
        left, top, right, bottom = next(rect for rect in panels if rect[0] <= tag[0] < rect[2])
        assert top <= tag[1] and tag[2] <= right and tag[3] <= bottom + 2  # noqa: PT018
    for one, other in combinations(tags, 2):
        assert one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]


def weight(camera: Camera) -> tuple[float, float]:
    """Return where the symbol's ink has its centre, from the middle of the picture."""
    alpha = camera_symbol(camera, 40, (0, 0, 0)).getchannel("A")
    values = alpha.tobytes()
    x = sum(value * (i % 40 - 19.5) for i, value in enumerate(values)) / sum(values)
    y = sum(value * (i // 40 - 19.5) for i, value in enumerate(values)) / sum(values)
    return x, y


def test_the_arrow_points_where_the_camera_goes() -> None:
    # An arrow's ink lies towards its head, whichever way it is turned.
    assert weight(Camera(direction="right"))[0] > 0.5
    assert weight(Camera(direction="left"))[0] < -0.5
    assert weight(Camera(direction="down"))[1] > 0.5
    assert weight(Camera(direction="up"))[1] < -0.5


def test_zooms_are_told_apart() -> None:
    zoom_in = camera_symbol(Camera(direction="zoom_in"), 40, (0, 0, 0))
    zoom_out = camera_symbol(Camera(direction="zoom_out"), 40, (0, 0, 0))
    above_the_bar = (round(40 * 0.39), round(40 * 0.28))
    assert zoom_in.getpixel(above_the_bar)[3] > 200
    assert zoom_out.getpixel(above_the_bar)[3] < 50


def test_wrapping_keeps_every_word_and_the_width() -> None:
    text = "A corgi runs along the beach while the sun goes down behind the lighthouse."
    lines = wrap_text(text, 15, 160, 20)
    assert " ".join(lines) == text
    assert all(text_width(line, 15) <= 160 for line in lines)


def test_a_word_wider_than_the_line_is_broken() -> None:
    lines = wrap_text(WORD, 15, 160, 50)
    assert "".join(lines) == WORD
    assert all(text_width(line, 15) <= 160 for line in lines)


def test_cut_text_says_so() -> None:
    lines = wrap_text(LONG, 15, 160, 3)
    assert len(lines) == 3
    assert lines[-1].endswith("…")
    assert shorten("short", 15, 160) == "short"
    assert text_width(shorten(LONG, 15, 160), 15) <= 160


def test_letters_without_a_font_fall_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lettering, "_SYSTEM_FONTS", ())
    lettering._drawable.cache_clear()
    try:
        assert text_width("é", 20) == text_width("e", 20)
        assert text_width("紅", 20) == text_width("[]", 20)
        assert not lettering.can_draw("紅")
        data = sample(1, names=("紅色的球", "ball"))
        assert [item.text for item in arrange(from_data(data)).legend][:2] == ["thing-0", "ball"]
    finally:
        lettering._drawable.cache_clear()
