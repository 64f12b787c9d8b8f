"""Camera words: found, understood and taken out of the text before anything else is read."""

import re
from typing import NamedTuple

from ..schema import Camera, Direction, Speed

_SPEEDS: dict[str, Speed] = {
    **dict.fromkeys(
        ("slow", "slowly", "gentle", "gently", "gradual", "gradually", "subtle"), "slow"
    ),
    **dict.fromkeys(("slightly", "softly"), "slow"),
    **dict.fromkeys(("fast", "quick", "quickly", "rapid", "rapidly", "swift", "swiftly"), "fast"),
    **dict.fromkeys(("suddenly", "whip", "crash"), "fast"),
}
_ADVERB = (
    r"(?:(?:very|then|smoothly|smooth|steady|steadily|slow|slowly|gentle|gently|gradual|gradually|subtle"
    r"|slightly|softly|fast|quick|quickly|rapid|rapidly|swift|swiftly|suddenly|whip|crash|cinematic"
    r"|begins to|starts to|dramatic|dramatically)\s+)*"
)
_END = (
    r"(?:\s+(?:slowly|gently|gradually|smoothly|quickly|rapidly|fast|steadily|slightly|swiftly))?"
)
_MOVES = (
    r"(?:pan|zoom|tilt|dolly|truck|push|pull|crane|track|move|go|slide|glide|fly|sweep|travel|rotate"
    r"|swing|boom|pedestal|rise|drop|descend|ascend|turn|shift|back|drift|float|come|arc|orbit)"
    r"(?:s|es|ing|ning|ting|ming|ed|ned|ies)?"
)
_MOVES_E = r"(?:sliding|gliding|moving|rotating|rising|craning)"
_DIRECTION = (
    r"(?:(?:to|towards?|from)\s+(?:the\s+)?)?(?:(?:left|right)\s+to\s+(?:the\s+)?)?"
    r"(?P<{0}>left|right|upwards?|downwards?|up|down|in|into|out|inwards?|outwards?|forwards?"
    r"|backwards?|back|closer|away|leftwards?|rightwards?|ahead)"
    r"(?:\s+(?:side|hand side))?\b(?:\s+(?:to|towards?)\s+the\s+(?:left|right)\b)?"
)
_CAMERA = r"(?:the\s+|a\s+|our\s+)?(?:camera|lens|viewpoint|point of view|pov|view|shot)"
_LEAD = r"(?:(?:\b(?:and|while|as|then|with|,)\s*)*)"
_FIRST = r"(?:^|(?<=[.,;:!?\n])|(?<=\bthen))"
_START = r"(?:^|(?<=[.,;:!?\n])|(?<=\bthen)|(?<=\band)|(?<=\bwith)|(?<=\ba)|(?<=\bas))"
_PLAIN = r"(?:zoom|pan|tilt|dolly)(?:s|es|ing|ning|ting)?"
# Words that mean other things too count only as an order at the start: "Truck left."
_ORDER = r"(?:truck|crane|push|pull|boom)(?:ing)?"
_SHOT = (
    r"(?:tracking|panning|dolly|pan|zoom|tilt|trucking|crane|sliding|travelling|traveling|pull-back"
    r"|push-in|follow|steadicam|drone|aerial)\s+(?:shot|move|movement|camera)"
)
_PATTERNS = (
    rf"(?P<a>{_LEAD}\b{_CAMERA}\s+(?:is\s+)?{_ADVERB}(?:{_MOVES}|{_MOVES_E})\s+{_ADVERB}"
    rf"{_DIRECTION.format('d0')}{_END})",
    rf"(?P<b>{_START}\s*(?:a\s+)?{_ADVERB}{_PLAIN}\s+(?:shot\s+)?{_ADVERB}{_DIRECTION.format('d1')}"
    rf"{_END}(?:\s+of\s+the\s+(?:camera|scene))?)",
    rf"(?P<o>{_FIRST}\s*{_ADVERB}{_ORDER}\s+(?:shot\s+)?{_ADVERB}{_DIRECTION.format('d3')}{_END})"
    r"(?=\s*(?:[.,;:!?\n]|$|to\s+(?:reveal|show)|on\b|and\b|then\b|from\b))",
    rf"(?P<c>{_LEAD}(?:\ba\s+)?{_ADVERB}\b{_SHOT}\s+{_ADVERB}(?:moving\s+|going\s+)?"
    rf"{_DIRECTION.format('d2')}{_END})",
    rf"(?P<e>{_LEAD}\b(?:(?:a|the)\s+)?(?:static|fixed|still|locked|stationary)[- ](?:camera|shot)"
    rf"\b(?:\s+of\b)?|{_LEAD}\bthe camera (?:is (?:static|still|fixed)|(?:stays|remains|holds)"
    r"(?:\s+(?:still|static|fixed|steady))?))",
)
_FINDER = re.compile("|".join(_PATTERNS), re.IGNORECASE)
_TAIL = re.compile(
    r"^\s*(?:to\s+(?:reveal|show)|revealing|showing|across|along|past|over|around|on|of)\b",
    re.IGNORECASE,
)
_DIRECTIONS: dict[str, Direction] = {
    "left": "left",
    "right": "right",
    "up": "up",
    "down": "down",
    "in": "zoom_in",
    "forward": "zoom_in",
    "ahead": "zoom_in",
    "closer": "zoom_in",
    "out": "zoom_out",
    "back": "zoom_out",
    "backward": "zoom_out",
    "away": "zoom_out",
}


class CameraReading(NamedTuple):
    """The first camera move of a text (None: none named) and the text without camera words."""

    camera: Camera | None
    text: str


# What the camera looks at: no move of its own that boxes or frames could show.
_WATCHES = re.compile(
    r"(?:\b(?:and|while|as|then)\s+)?\bthe\s+camera\s+(?:is\s+)?(?:\w+ly\s+)?(?:follow(?:s|ing)?"
    r"|track(?:s|ing)?|shows?|captures?|focus(?:es|ing)?\s+on|stays?\s+(?:on|with)|watch(?:es|ing)?"
    r"|finds?|reveals?|looks?\s+at)\s+",
    re.IGNORECASE,
)


def read_camera(text: str) -> CameraReading:
    """Find camera moves in one scene's text; the first one counts, all are taken out."""
    camera: Camera | None = None
    rest = _WATCHES.sub("", text)
    while match := _FINDER.search(rest):
        camera = camera or _camera(match)
        before, after = rest[: match.start()], rest[match.end() :]
        if match.group("e") is None or not match.group().lower().rstrip().endswith("of"):
            after = _TAIL.sub("", after, count=1)
        rest = _join(before, after)
    return CameraReading(camera, rest)


def _camera(match: re.Match[str]) -> Camera:
    if match.group("e") is not None:
        return Camera()
    word = next(match.group(name) for name in ("d0", "d1", "d2", "d3") if match.group(name)).lower()
    words = re.findall(r"[a-z]+", match.group().lower())
    # "from left to right" goes where it ends.
    if ends := re.search(
        r"to\s+the\s+(left|right)\s*$|to\s+(left|right)\s*$", match.group().lower()
    ):
        word = ends.group(1) or ends.group(2)
    word = word.removesuffix("s").removesuffix("ward") if "ward" in word else word
    word = {"for": "forward", "back": "back", "into": "in"}.get(word, word)
    speed: Speed = next((_SPEEDS[w] for w in words if w in _SPEEDS), "medium")
    return Camera(direction=_DIRECTIONS.get(word, "static"), speed=speed)


def _join(before: str, after: str) -> str:
    before = re.sub(r"(?:,|\b(?:and|while|as|then|with|a))\s*$", "", before.rstrip()).rstrip()
    after = after.lstrip()
    if not before.strip():
        return re.sub(r"^[\s,;:.]+(?:and\s+|while\s+|as\s+)?", "", after)
    return before + after if after[:1] in ",.;:!?" else f"{before} {after}".strip()
