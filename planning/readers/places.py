"""Where in a text something stands."""

from bisect import bisect_right
from itertools import accumulate


class Places:
    """Tells the line of a position; made once for a text, so that many questions stay cheap."""

    def __init__(self, text: str) -> None:
        lengths = (len(line) + 1 for line in text.split("\n"))
        self._starts = [0, *accumulate(lengths)]

    def line(self, position: int) -> int:
        """Return the line of a position, from 1."""
        return bisect_right(self._starts, max(position, 0), hi=len(self._starts) - 1) or 1
