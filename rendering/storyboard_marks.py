"""What is drawn on a storyboard's pictures: boxes with names, and the camera's movement."""

import colorsys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw

from ..planning.schema import Box, Camera, CameraPose, SceneBundle, VideoPlan
from .lettering import Colour, draw_text, line_height, shorten, text_width
from .paper import Paper
from .storyboard_layout import LABEL_SIZE, Rect

# Apart for the colour-blind too where possible; later entities get colours between these.
_PALETTE: tuple[Colour, ...] = (
    (0, 114, 178),
    (213, 94, 0),
    (0, 150, 110),
    (184, 60, 130),
    (120, 80, 200),
    (150, 110, 0),
    (20, 150, 200),
    (190, 30, 50),
)
# The palette's answer to a colour that a name says: a red ball in blue would mislead.
_SAID: dict[str, Colour] = {
    "blue": _PALETTE[0],
    "orange": _PALETTE[1],
    "green": _PALETTE[2],
    "pink": _PALETTE[3],
    "purple": _PALETTE[4],
    "yellow": _PALETTE[5],
    "red": _PALETTE[7],
}
_BACKGROUND: Colour = (96, 108, 122)
_LINE = 3
_SMOOTH = 4


@dataclass(frozen=True)
class Mark:
    """One box over a frame."""

    box: Box
    label: str
    colour: Colour
    background: bool


def entity_colours(plan: VideoPlan | SceneBundle) -> dict[str, Colour]:
    """Give every entity id its colour, the same one in all scenes; backgrounds are grey.

    The first entity whose name says a colour of the palette gets it; all others get what is left.
    """
    colours: dict[str, Colour] = {}
    things = [entity for entity in plan.entities if entity.kind != "background"]
    for entity in things:
        said = next((_SAID[word] for word in entity.name.lower().split() if word in _SAID), None)
        if said is not None and said not in colours.values():
            colours[entity.id] = said
    free = [colour for colour in _PALETTE if colour not in colours.values()]
    for number, entity in enumerate(thing for thing in things if thing.id not in colours):
        colours[entity.id] = free[number] if number < len(free) else _hue(len(_PALETTE) + number)
    colours |= {entity.id: _BACKGROUND for entity in plan.entities if entity not in things}
    return colours


def pixel_box(box: Box, rect: Rect) -> Rect:
    """Return where a box (xyxy in 0..1) lies on the board, its last pixel included."""
    left, top, right, bottom = rect
    width, height = right - left - 1, bottom - top - 1
    return (
        left + round(box[0] * width),
        top + round(box[1] * height),
        left + round(box[2] * width),
        top + round(box[3] * height),
    )


def draw_marks(
    canvas: ImageDraw.ImageDraw | Paper, rect: Rect, marks: Sequence[Mark], *, over_picture: bool
) -> None:
    """Draw boxes over a panel: large ones first, then all names so that none is covered.

    Over a rendered picture boxes are not filled and names stand beside them where they can.
    """
    ordered = sorted(marks, key=lambda mark: (not mark.background, -_area(mark.box)))
    for mark in ordered:
        corners = pixel_box(mark.box, rect)
        if mark.background:
            _dashed(canvas, corners, mark.colour)
        else:
            tint = (*mark.colour, 0 if over_picture else 40)
            canvas.rectangle(corners, outline=mark.colour, width=_LINE, fill=tint)
    taken: list[Rect] = []
    for mark in reversed(ordered):
        taken.append(_draw_label(canvas, rect, mark, taken, inside=not over_picture))


def camera_words(camera: Camera) -> str:
    """Return "left, slow" and the like; a camera at rest has no speed."""
    if camera.path:
        return "own path"
    direction = camera.direction.replace("_", " ")
    return direction if camera.direction == "static" else f"{direction}, {camera.speed}"


def camera_symbol(camera: Camera, size: int, colour: Colour) -> Image.Image:
    """Draw where the camera goes: an arrow, a magnifier with + or -, or a dot at rest (RGBA)."""
    big = size * _SMOOTH
    picture = Image.new("RGBA", (big, big), (*colour, 0))
    canvas = ImageDraw.Draw(picture)
    if camera.path:
        _line_of(camera.path, canvas, big, colour)
    elif camera.direction in ("zoom_in", "zoom_out"):
        _magnifier(canvas, big, colour, plus=camera.direction == "zoom_in")
    elif camera.direction == "static":
        canvas.ellipse((big * 0.36, big * 0.36, big * 0.64, big * 0.64), fill=colour)
    else:
        turns = ("right", "up", "left", "down").index(camera.direction)
        _arrow_right(canvas, big, colour)
        picture = picture.rotate(90 * turns)
    return picture.resize((size, size), Image.Resampling.LANCZOS)


def _line_of(
    path: Sequence[CameraPose], canvas: ImageDraw.ImageDraw, big: int, colour: Colour
) -> None:
    """Draw where a camera pans, as large as there is room; a dot is where it ends."""
    places = [(pose.pan_x, pose.pan_y) for pose in path]
    lows, highs = ([end(axis) for axis in zip(*places, strict=True)] for end in (min, max))
    extent = max(high - low for low, high in zip(lows, highs, strict=True)) or 1.0
    points = [
        tuple(
            big * (0.5 + 0.7 * (value - (low + high) / 2) / extent)
            for value, low, high in zip(place, lows, highs, strict=True)
        )
        for place in places
    ]
    if len(points) > 1:
        canvas.line(points, fill=colour, width=big // 10, joint="curve")
    x, y = points[-1]
    reach = big * 0.12
    canvas.ellipse((x - reach, y - reach, x + reach, y + reach), fill=colour)


def readable_on(colour: Colour) -> Colour:
    """Return black or white, whichever is read better on the colour."""
    red, green, blue = colour
    return (0, 0, 0) if 0.299 * red + 0.587 * green + 0.114 * blue > 150 else (255, 255, 255)


def _hue(number: int) -> Colour:
    # Steps of the golden ratio never come close to each other again soon.
    red, green, blue = colorsys.hls_to_rgb(number * 0.618034 % 1.0, 0.38 + 0.08 * (number % 3), 0.7)
    return round(red * 255), round(green * 255), round(blue * 255)


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def _dashed(canvas: ImageDraw.ImageDraw | Paper, corners: Rect, colour: Colour) -> None:
    left, top, right, bottom = corners
    for x in range(left, right, 10):
        for y in (top, bottom - 1):
            canvas.line((x, y, min(x + 5, right), y), fill=colour, width=2)
    for y in range(top, bottom, 10):
        for x in (left, right - 1):
            canvas.line((x, y, x, min(y + 5, bottom)), fill=colour, width=2)


def _draw_label(
    canvas: ImageDraw.ImageDraw | Paper,
    rect: Rect,
    mark: Mark,
    taken: Sequence[Rect],
    *,
    inside: bool,
) -> Rect:
    text = shorten(mark.label, LABEL_SIZE, rect[2] - rect[0] - 8)
    width, height = text_width(text, LABEL_SIZE) + 8, line_height(LABEL_SIZE) + 2
    places = list(_places(mark, rect, (width, height), inside=inside))
    free = [place for place in places if not any(_overlap(place, other) for other in taken)]
    place = (free or places)[0]
    canvas.rectangle((place[0], place[1], place[2] - 1, place[3] - 1), fill=mark.colour)
    draw_text(canvas, (place[0] + 4, place[1] + 1), text, LABEL_SIZE, readable_on(mark.colour))
    return place


def _places(mark: Mark, rect: Rect, size: tuple[int, int], *, inside: bool) -> Iterator[Rect]:
    """Yield places for a name: on the box's corners first, then further and further away."""
    left, top, right, bottom = pixel_box(mark.box, rect)
    width, height = size
    within = [top, bottom - height + 1]
    beside = [top - height, bottom + 1]
    roomy = inside and right - left >= width + 2 * _LINE and bottom - top >= 2 * height
    lines = within + beside if roomy else beside + within
    if mark.background:
        lines = within[::-1]
    spread = sorted(range(rect[1], rect[3] - height, 4), key=lambda y: abs(y - top))
    for y in lines + spread:
        for x in (left, right - width + 1):
            x0 = min(max(x, rect[0]), rect[2] - width)
            y0 = min(max(y, rect[1]), rect[3] - height)
            yield x0, y0, x0 + width, y0 + height


def _overlap(one: Rect, other: Rect) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _arrow_right(canvas: ImageDraw.ImageDraw, big: int, colour: Colour) -> None:
    middle = big / 2
    shaft = (big * 0.08, middle - big * 0.09, big * 0.6, middle + big * 0.09)
    canvas.rectangle(shaft, fill=colour)
    head = [(big * 0.52, big * 0.18), (big * 0.94, middle), (big * 0.52, big * 0.82)]
    canvas.polygon(head, fill=colour)


def _magnifier(canvas: ImageDraw.ImageDraw, big: int, colour: Colour, *, plus: bool) -> None:
    thick = round(big * 0.1)
    canvas.line((big * 0.62, big * 0.62, big * 0.92, big * 0.92), fill=colour, width=thick)
    canvas.ellipse((big * 0.06, big * 0.06, big * 0.72, big * 0.72), outline=colour, width=thick)
    canvas.line((big * 0.24, big * 0.39, big * 0.54, big * 0.39), fill=colour, width=thick)
    if plus:
        canvas.line((big * 0.39, big * 0.24, big * 0.39, big * 0.54), fill=colour, width=thick)
