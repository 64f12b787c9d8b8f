"""The film strip shows the frames of every scene, and stays compact however many there are."""

from itertools import combinations

import pytest
from PIL import Image
from video_director.planning.schema import Camera
from video_director.rendering import film_strip, storyboard
from video_director.rendering.film_strip import WIDTH, StripScene, arrange_strip, draw_film_strip
from video_director.rendering.lettering import line_height, text_width
from video_director.rendering.storyboard import CARD, INK, PANEL
from video_director.rendering.strip_file import StripFile

SIZES = [(64, 64), (1280, 720), (480, 832), (4096, 64)]
COUNTS = [1, 2, 3, 4, 7, 12, 40]
SHADES = [(200, 10, 10), (10, 200, 10), (10, 10, 200)]
each_shape = pytest.mark.parametrize("size", SIZES)
each_count = pytest.mark.parametrize("count", COUNTS)


def pictures(shades=SHADES):
    return [Image.new("RGB", (32, 32), shade) for shade in shades]


def scenes(count, **facts):
    return [StripScene(f"scene-{n}", n, 8, pictures(), **facts) for n in range(1, count + 1)]


def centre(rect):
    return (rect[0] + rect[2]) // 2, (rect[1] + rect[3]) // 2


def test_first_middle_and_last_frame_stand_side_by_side():
    strip = draw_film_strip(scenes(3), (64, 64))
    for card in arrange_strip(3, (64, 64)):
        assert [strip.getpixel(centre(panel)) for panel in card.panels] == SHADES
        left, _, right, bottom = card.rect
        assert strip.getpixel(((left + right) // 2, bottom - 5)) == CARD


def test_scenes_that_are_not_rendered_are_plain():
    ready, pending = scenes(2)
    strip = draw_film_strip([ready, StripScene(pending.id, 2, 8)], (64, 64))
    first, second = arrange_strip(2, (64, 64))
    assert strip.getpixel(centre(first.panels[0])) == SHADES[0]
    assert strip.getpixel(centre(second.panels[0])) == PANEL


@each_shape
@each_count
def test_cards_lie_apart_within_a_strip_of_one_width(size, count):
    cards = arrange_strip(count, size)
    strip = draw_film_strip(scenes(count), size)
    assert strip.width == WIDTH
    for one, other in combinations(cards, 2):
        assert one.rect[2] < other.rect[0] or one.rect[3] < other.rect[1]
    for card in cards:
        assert 0 <= card.rect[0]
        assert card.rect[2] < WIDTH
        assert card.rect[3] < strip.height
        for panel in card.panels:
            assert card.rect[0] < panel[0] < panel[2] < card.rect[2]
            assert card.rect[1] < panel[1] < panel[3] < card.rect[3]


@pytest.mark.parametrize("count", range(2, 13))
def test_up_to_twelve_square_scenes_are_no_higher_than_wide(count):
    assert draw_film_strip(scenes(count), (64, 64)).height <= WIDTH


def test_panels_have_the_shape_of_the_video():
    left, top, right, bottom = arrange_strip(2, (1280, 720))[0].panels[0]
    assert (right - left) / (bottom - top) == pytest.approx(16 / 9, rel=0.02)


@each_shape
@each_count
def test_no_text_is_clipped_or_written_over_another(size, count, monkeypatch):
    written = []

    def note(_, position, text, size, fill):
        x, y = position
        written.append((x, y, x + text_width(text, size), y + line_height(size)))

    monkeypatch.setattr(film_strip, "draw_text", note)
    monkeypatch.setattr(storyboard, "draw_text", note)
    long = [
        StripScene("a-name-that-goes-on-and-on-" * 4, 90 + n, 4096, None, Camera(direction="left"))
        for n in range(count)
    ]
    draw_film_strip(long, size)
    cards = arrange_strip(count, size)
    assert len(written) == 3 * count
    for one, other in combinations(written, 2):
        assert one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
    for place, card in enumerate(cards):
        for rect in written[3 * place : 3 * place + 3]:
            assert card.rect[0] < rect[0]
            assert rect[2] < card.rect[2]
            assert card.rect[1] < rect[1]
            assert rect[3] <= card.rect[3]


def test_the_camera_is_shown_where_it_is_known():
    known = draw_film_strip(scenes(1, camera=Camera(direction="right")), (64, 64))
    unknown = draw_film_strip(scenes(1), (64, 64))
    _, top, right, _ = arrange_strip(1, (64, 64))[0].rect
    corner = (right - 50, top + 4, right - 4, top + 40)
    assert INK in known.crop(corner).get_flattened_data()
    assert set(unknown.crop(corner).get_flattened_data()) == {CARD}


def test_the_same_scenes_give_the_same_picture():
    assert draw_film_strip(scenes(3), (64, 64)).tobytes() == (
        draw_film_strip(scenes(3), (64, 64)).tobytes()
    )


def test_a_strip_has_one_file_in_which_scenes_appear(tmp_path):
    plain = [StripScene(f"s{n}", n, 8) for n in (1, 2)]
    strip, other = (StripFile(tmp_path / "temp", plain, (64, 64)) for _ in range(2))
    assert strip.path != other.path
    strip.write({})
    with Image.open(strip.path) as first:
        size = first.size
        assert first.getpixel(centre(arrange_strip(2, (64, 64))[1].panels[0])) == PANEL
    strip.write({"s2": pictures()})
    with Image.open(strip.path) as later:
        assert later.size == size
        assert later.getpixel(centre(arrange_strip(2, (64, 64))[1].panels[0])) == SHADES[0]
    assert [path.name for path in (tmp_path / "temp").iterdir()] == [strip.path.name]
