"""What storyboards are drawn on: a picture whose measures stay the same however fine it is."""

from functools import cache
from typing import TypeAlias

from PIL import Image, ImageDraw, ImageFont

Colour: TypeAlias = tuple[int, ...]
Font: TypeAlias = ImageFont.FreeTypeFont | ImageFont.ImageFont
Place = tuple[float, float]
Corners = tuple[float, float, float, float]


class Paper:
    """An RGB picture with Pillow's ways to draw on it; one unit is ``fineness`` pixels wide.

    Args:
        size: width and height in units.
        colour: of the empty paper.
        fineness: pixels per unit.
    """

    def __init__(self, size: tuple[int, int], colour: Colour, fineness: int = 1) -> None:
        self.fineness = fineness
        self.picture = Image.new("RGB", (size[0] * fineness, size[1] * fineness), colour)
        self._canvas = ImageDraw.Draw(self.picture, "RGBA")

    def rectangle(
        self,
        xy: Corners,
        fill: Colour | None = None,
        outline: Colour | None = None,
        width: int = 1,
    ) -> None:
        """Draw a rectangle; the last row and column belong to it, as Pillow has it."""
        self._canvas.rectangle(self._corners(xy), fill, outline, width * self.fineness)

    def rounded_rectangle(
        self,
        xy: Corners,
        radius: int,
        fill: Colour | None = None,
        outline: Colour | None = None,
        width: int = 1,
    ) -> None:
        """Draw a rectangle with round corners."""
        n = self.fineness
        self._canvas.rounded_rectangle(self._corners(xy), radius * n, fill, outline, width * n)

    def line(self, xy: Corners, fill: Colour, width: int = 1) -> None:
        """Draw a line from the first two numbers to the last two."""
        scaled = tuple(value * self.fineness for value in xy)
        self._canvas.line(scaled, fill, width * self.fineness)

    def text(self, xy: Place, text: str, *, font: Font, fill: Colour, anchor: str) -> None:
        """Write a line in a font whose size is in units."""
        x, y = xy[0] * self.fineness, xy[1] * self.fineness
        self._canvas.text((x, y), text, font=_finer(font, self.fineness), fill=fill, anchor=anchor)

    def paste(self, picture: Image.Image, rect: tuple[int, int, int, int]) -> None:
        """Lay a picture into a rectangle (right and bottom left out); it may be see-through."""
        left, top, right, bottom = (value * self.fineness for value in rect)
        shown = picture.resize((right - left, bottom - top), Image.Resampling.LANCZOS)
        self.picture.paste(shown, (left, top), shown if shown.mode == "RGBA" else None)

    def _corners(self, xy: Corners) -> Corners:
        left, top, right, bottom = xy
        n = self.fineness
        return left * n, top * n, (right + 1) * n - 1, (bottom + 1) * n - 1


@cache
def _finer(font: Font, fineness: int) -> Font:
    if fineness == 1 or not isinstance(font, ImageFont.FreeTypeFont):
        return font
    return font.font_variant(size=font.size * fineness)
