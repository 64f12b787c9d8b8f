"""Where everything stands on a storyboard. Nothing is drawn here; all numbers are pixels."""

import math
from dataclasses import dataclass

from ..planning.schema import Entity, Scene, VideoPlan
from .lettering import can_draw, line_height, shorten, text_width, wrap_text

MARGIN = 24
GAP = 18
PADDING = 16
PANEL_GAP = 8
TITLE_SIZE, META_SIZE, HEAD_SIZE, TEXT_SIZE, SMALL_SIZE, LABEL_SIZE = 24, 15, 18, 15, 13, 12
BADGE = 28
SWATCH = 14
_PANEL_WIDTH = 168
_MOST_LINES = 12

Rect = tuple[int, int, int, int]


@dataclass(frozen=True)
class Panel:
    """One frame of a scene: its number and where it is shown (left, top, right, bottom)."""

    frame: int
    rect: Rect


@dataclass(frozen=True)
class Card:
    """One scene on the board."""

    scene: Scene
    number: int
    rect: Rect
    panels: tuple[Panel, ...]
    lines: tuple[str, ...]
    notes: tuple[str, ...]
    text_top: int


@dataclass(frozen=True)
class LegendItem:
    """One entity below the scenes."""

    entity: Entity
    text: str
    position: tuple[int, int]


@dataclass(frozen=True)
class Board:
    """A whole storyboard."""

    size: tuple[int, int]
    title: tuple[str, ...]
    meta: str
    cards: tuple[Card, ...]
    legend: tuple[LegendItem, ...]


def arrange(plan: VideoPlan) -> Board:
    """Place the scenes side by side, in rows where they are many, above a legend."""
    panel = _panel_size(plan)
    card_width = 3 * panel[0] + 2 * PANEL_GAP + 2 * PADDING
    columns = _columns(len(plan.scenes))
    width = 2 * MARGIN + columns * card_width + (columns - 1) * GAP
    inner = width - 2 * MARGIN
    title = wrap_text(plan.prompt, TITLE_SIZE, inner, 3)
    meta = shorten(plan_facts(plan), META_SIZE, inner)
    top = MARGIN + len(title) * line_height(TITLE_SIZE) + line_height(META_SIZE) + GAP
    cards: list[Card] = []
    for first in range(0, len(plan.scenes), columns):
        row = _row(plan, first, columns, top, panel)
        cards += row
        top = row[0].rect[3] + GAP
    legend, bottom = arrange_legend(plan, (MARGIN, top), inner)
    return Board((width, bottom + MARGIN), tuple(title), meta, tuple(cards), tuple(legend))


def entity_label(plan: VideoPlan, entity: Entity) -> str:
    """Return an entity's name, numbered among namesakes; its id where it cannot be drawn."""
    if not can_draw(entity.name):
        return entity.id
    twins = [other.id for other in plan.entities if other.name == entity.name]
    return entity.name if len(twins) == 1 else f"{entity.name} {twins.index(entity.id) + 1}"


def shown_frames(scene: Scene) -> list[int]:
    """Return the first, the middle and the last frame of a scene (fewer when it is shorter)."""
    return sorted({0, (scene.frames - 1) // 2, scene.frames - 1})


def _panel_size(plan: VideoPlan) -> tuple[int, int]:
    """Give panels the video's shape and always about the same area."""
    aspect = panel_aspect(plan.width, plan.height)
    width = round(_PANEL_WIDTH * min(max(math.sqrt(aspect), 0.9), 1.35))
    return width, round(width / aspect)


def panel_aspect(width: int, height: int) -> float:
    """Return a panel's width by its height: the video's, within what a board has room for."""
    return min(max(width / height, 0.4), 2.5)


def _columns(scenes: int) -> int:
    if scenes <= 3:
        return scenes
    if scenes == 4:
        return 2
    return 3 if scenes <= 12 else math.ceil(math.sqrt(scenes / 1.4))


def plan_facts(plan: VideoPlan) -> str:
    """Return how long and how large the video is."""
    frames = sum(scene.frames for scene in plan.scenes)
    parts = [
        counted(len(plan.scenes), "scene"),
        counted(frames, "frame"),
        f"{frames / plan.fps:.1f} s at {plan.fps} fps",
        f"{plan.width} x {plan.height}",
    ]
    return "  ·  ".join(parts)


def counted(number: int, word: str) -> str:
    """Return "1 scene", "2 scenes" and the like."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _row(plan: VideoPlan, first: int, columns: int, top: int, panel: tuple[int, int]) -> list[Card]:
    width = 3 * panel[0] + 2 * PANEL_GAP + 2 * PADDING
    panel_top = top + PADDING + BADGE + 10
    text_top = panel_top + panel[1] + line_height(SMALL_SIZE) + 10
    scenes = plan.scenes[first : first + columns]
    texts = [
        (
            wrap_text(scene.prompt, TEXT_SIZE, width - 2 * PADDING, _MOST_LINES),
            wrap_text(scene_facts(plan, scene), SMALL_SIZE, width - 2 * PADDING, 3),
        )
        for scene in scenes
    ]
    heights = [
        len(lines) * line_height(TEXT_SIZE) + 6 + len(notes) * line_height(SMALL_SIZE)
        for lines, notes in texts
    ]
    bottom = text_top + max(heights) + PADDING
    cards = []
    for column, (scene, (lines, notes)) in enumerate(zip(scenes, texts, strict=True)):
        left = MARGIN + column * (width + GAP)
        panels = tuple(
            Panel(frame, _panel_rect(left + PADDING, panel_top, place, panel))
            for place, frame in enumerate(shown_frames(scene))
        )
        rect = (left, top, left + width, bottom)
        number = first + column + 1
        cards.append(Card(scene, number, rect, panels, tuple(lines), tuple(notes), text_top))
    return cards


def _panel_rect(left: int, top: int, place: int, panel: tuple[int, int]) -> Rect:
    x = left + place * (panel[0] + PANEL_GAP)
    return x, top, x + panel[0], top + panel[1]


def scene_facts(plan: VideoPlan, scene: Scene) -> str:
    """Return what there is to a scene beside its prompt and its camera."""
    parts = [counted(scene.frames, "frame")]
    if scene.background:
        names = {entity.id: entity.name for entity in plan.entities}
        parts.insert(0, f"background: {names[scene.background]}")
    if scene.frame_prompts:
        parts.append("a prompt per frame")
    parts += [f"{label} {weight:g}" for label, weight in scene.action.items()]
    if scene.layout:
        parts.append(f"layout strength {scene.layout_strength:g}")
    if scene.locked:
        parts.append("locked")
    return "  ·  ".join(parts)


def arrange_legend(
    plan: VideoPlan, place: tuple[int, int], width: int
) -> tuple[list[LegendItem], int]:
    """Flow the entities over as many lines as they need; also return where they end."""
    items: list[LegendItem] = []
    left, top = place
    x, step = 0, line_height(META_SIZE) + 6
    for entity in plan.entities:
        text = shorten(entity_label(plan, entity), META_SIZE, width - SWATCH - 8)
        needed = SWATCH + 8 + text_width(text, META_SIZE) + 26
        if x and x + needed - 26 > width:
            x, top = 0, top + step
        items.append(LegendItem(entity, text, (left + x, top)))
        x += needed
    return items, top + step if items else top - GAP
