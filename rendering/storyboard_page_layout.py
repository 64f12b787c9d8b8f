"""Where everything stands on a printed storyboard; lengths are hundredths of an inch."""

from dataclasses import dataclass

from ..planning.schema import Scene, VideoPlan
from .lettering import line_height, shorten, wrap_text
from .storyboard_layout import (
    BADGE,
    GAP,
    META_SIZE,
    PADDING,
    PANEL_GAP,
    SMALL_SIZE,
    TEXT_SIZE,
    TITLE_SIZE,
    LegendItem,
    Panel,
    Rect,
    arrange_legend,
    entity_label,
    panel_aspect,
    plan_facts,
    scene_facts,
    shown_frames,
)

PAGE = (1169, 827)  # A4, landscape
EDGE = 48  # printers leave this much white
FOOT = PAGE[1] - EDGE + 8
LETTER = 20  # between a scene's panels and its text
_BODY_BOTTOM = PAGE[1] - EDGE - 8
_MOST_PANEL = (192, 176)
_TITLE_LINES = 3
_SLACK = 8  # finer letters are a little wider
_WIDTH = PAGE[0] - 2 * EDGE


@dataclass(frozen=True)
class Row:
    """One scene on a page: its panels at the left, what is told of it at the right."""

    scene: Scene
    number: int
    rect: Rect
    panels: tuple[Panel, ...]
    text_left: int
    lines: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Page:
    """One page; the first one has the whole title and tells the colours."""

    title: tuple[str, ...]
    facts: str
    legend: tuple[LegendItem, ...]
    rows: tuple[Row, ...]


def arrange_pages(plan: VideoPlan) -> list[Page]:
    """Place the scenes one below the other on as many pages as they need."""
    title = wrap_text(plan.prompt, TITLE_SIZE, _WIDTH, _TITLE_LINES)
    facts = shorten(plan_facts(plan), META_SIZE, _WIDTH)
    top = EDGE + len(title) * line_height(TITLE_SIZE) + line_height(META_SIZE) + 10
    legend, top = arrange_legend(plan, (EDGE, top), _WIDTH)
    shown = tuple(item for item in legend if item.position[1] < _BODY_BOTTOM - TITLE_SIZE)
    later_top = EDGE + line_height(META_SIZE) + GAP
    short = (shorten(plan.prompt, META_SIZE, _WIDTH),)
    pages: list[Page] = []
    rows: list[Row] = []
    y = top + GAP

    def close() -> None:
        first = Page(tuple(title), facts, shown, tuple(rows))
        pages.append(Page(short, "", (), tuple(rows)) if pages else first)
        rows.clear()

    for number, scene in enumerate(plan.scenes, 1):
        row = _row(plan, scene, number, y)
        # A page of many things may have no room for a scene beside them.
        if row.rect[3] > _BODY_BOTTOM:
            close()
            row = _row(plan, scene, number, later_top)
        rows.append(row)
        y = row.rect[3] + PANEL_GAP + 2
    close()
    return pages


def _row(plan: VideoPlan, scene: Scene, number: int, top: int) -> Row:
    width, height = _panel_size(plan)
    left, right = EDGE + PADDING, PAGE[0] - EDGE
    panels = tuple(
        Panel(frame, (x, top + PADDING, x + width, top + PADDING + height))
        for frame, x in (
            (frame, left + place * (width + PANEL_GAP))
            for place, frame in enumerate(shown_frames(scene))
        )
    )
    text_left = left + 3 * width + 2 * PANEL_GAP + LETTER
    room = right - PADDING - text_left - _SLACK
    notes = [line for text in _notes(plan, scene) for line in wrap_text(text, SMALL_SIZE, room, 4)]
    told = len(notes) * line_height(SMALL_SIZE) + BADGE + 16
    most = _BODY_BOTTOM - EDGE - line_height(META_SIZE) - GAP - 2 * PADDING
    lines = wrap_text(
        scene.prompt, TEXT_SIZE, room, max(1, (most - told) // line_height(TEXT_SIZE))
    )
    text = told + len(lines) * line_height(TEXT_SIZE)
    inner = max(height + line_height(SMALL_SIZE) + 3, text)
    rect = (EDGE, top, right, top + inner + 2 * PADDING)
    return Row(scene, number, rect, panels, text_left, tuple(lines), tuple(notes))


def _panel_size(plan: VideoPlan) -> tuple[int, int]:
    aspect = panel_aspect(plan.width, plan.height)
    width, height = _MOST_PANEL
    return min(width, round(height * aspect)), min(height, round(width / aspect))


def _notes(plan: VideoPlan, scene: Scene) -> list[str]:
    entities = {entity.id: entity for entity in plan.entities}
    notes = []
    if scene.entities:
        names = ", ".join(entity_label(plan, entities[name]) for name in scene.entities)
        notes.append(f"in it: {names}")
    notes.append(scene_facts(plan, scene))
    if scene.frame_prompts:
        notes += [f"frame {frame}: {scene.frame_prompts[frame]}" for frame in shown_frames(scene)]
    return notes
