"""Everything ``director.py`` says: lines, a passing status line, progress bars, errors.

On a terminal the status line and the bars are redrawn in place. Elsewhere (a file, CI) only plain
lines are written: no control characters, no flood.
"""

import os
import shutil
import sys
from typing import TextIO

BAR_CELLS = 24
ERASE_BELOW = "\x1b[J"


class Console:
    """Writes to one stream; keeps the redrawn lines, if any, below what was said."""

    def __init__(self, stream: TextIO | None = None):
        self.stream = stream or sys.stdout
        self.live = self.stream.isatty() and os.environ.get("TERM") != "dumb"
        self._drawn = 0
        if self.live and sys.platform == "win32":
            os.system("")  # makes the Windows console understand escape sequences

    def say(self, text: str) -> None:
        """A line that stays."""
        self._erase()
        self.stream.write(text + "\n")
        self.stream.flush()

    def draw(self, lines: list[str]) -> None:
        """Redraw the passing lines below everything said; nothing without a terminal."""
        if not self.live:
            return
        width = shutil.get_terminal_size().columns - 1
        self._erase()
        self.stream.write("".join(line[:width] + "\n" for line in lines))
        self.stream.flush()
        self._drawn = len(lines)

    def settle(self) -> None:
        """Keep what is drawn as it is and go on below it."""
        self._drawn = 0

    def error(self, text: str) -> None:
        """An error paragraph, on standard error."""
        self._erase()
        self.stream.flush()
        sys.stderr.write(f"error: {text}\n")
        sys.stderr.flush()

    def _erase(self) -> None:
        if self._drawn:
            self.stream.write(f"\x1b[{self._drawn}F{ERASE_BELOW}")
            self._drawn = 0


def bar(label: str, done: float, total: float, label_width: int = 0) -> str:
    """One progress bar as text: "scene 2  [######------------]  33 %"."""
    share = min(max(done / total, 0.0), 1.0) if total else 0.0
    filled = round(share * BAR_CELLS)
    cells = "#" * filled + "-" * (BAR_CELLS - filled)
    return f"{label:<{label_width}}  [{cells}] {share * 100:4.0f} %"
