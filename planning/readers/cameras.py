"""Reads a camera's move in the words that people and language models use for it.

The closed set is VideoStudio's (arXiv:2401.01256, section 3.1, and figure 3 of its supplement).
"""

import re

_WORDS = re.compile(r"[^\W_]+")
_DIRECTIONS = {
    "static": (
        "static",
        "still",
        "stationary",
        "fixed",
        "locked",
        "steady",
        "stable",
        "none",
        "no",
    ),
    "left": ("left", "leftward", "leftwards"),
    "right": ("right", "rightward", "rightwards"),
    "up": ("up", "upward", "upwards"),
    "down": ("down", "downward", "downwards"),
    "zoom_in": ("in", "inward", "inwards", "forward", "forwards", "closer", "zoomin"),
    "zoom_out": ("out", "outward", "outwards", "back", "backward", "backwards", "zoomout", "away"),
}
_SPEEDS = {
    "slow": ("slow", "slowly", "gentle", "gently", "subtle", "subtly", "slight", "slightly"),
    "medium": ("medium", "moderate", "moderately", "normal", "mid", "smooth", "smoothly"),
    "fast": ("fast", "quick", "quickly", "rapid", "rapidly", "swift", "swiftly"),
}
_MEANING = {word: ("direction", key) for key, words in _DIRECTIONS.items() for word in words}
_MEANING |= {word: ("speed", key) for key, words in _SPEEDS.items() for word in words}
_FILLERS = frozenset(
    "camera cameras move moves moving movement motion shot pan pans panning tilt tilts tilting "
    "zoom zooms zooming dolly dollies dollying push pushes pushing pull pulls pulling truck trucks "
    "trucking pedestal crane cranes craning boom slide slides sliding track tracks tracking shift "
    "shifts drift drifts drifting the a an to towards toward and with at then is it speed "
    "direction very hold holds holding off pace".split()
)
_PHRASES = (
    (re.compile(r"\bleft[ -]to[ -]right\b"), "right"),
    (re.compile(r"\bright[ -]to[ -]left\b"), "left"),
    (re.compile(r"\b(?:top[ -]to[ -]bottom|up[ -]to[ -]down)\b"), "down"),
    (re.compile(r"\b(?:bottom[ -]to[ -]top|down[ -]to[ -]up)\b"), "up"),
    (re.compile(r"\bmedium speed\b"), "medium"),
    (re.compile(r"\bfrom (?=left|right|up|down)"), ""),
)
_FRAMING = re.compile(
    r"\b(?:extreme |medium |wide |full |long )?(?:close ?ups?|(?:wide|establishing|medium|long|full"
    r"|aerial|overhead)(?: angle)? (?:shots?|view)|(?:low|high|wide) angle|eye level)(?: shots?)?\b"
)
# Behind these words a description tells what is seen, not where the camera goes.
_OBJECT = re.compile(
    r"\b(?:on(?:to)?|into|towards?|at|over|across|along|through|following|follows|as|of|revealing"
    r"|to (?:reveal|show|follow|capture)|showing|capturing|from behind)\b"
    r"(?! (?:the )?(?:left|right)\b"
    r"| (?:an? )?(?:slow|medium|moderate|normal|fast))"
)


def read_camera(text: str, *, told: bool = False) -> dict[str, str]:
    """Read words such as "moving left, fast", "pan right" or "slow zoom-in".

    Args:
        text: the words; only short ones are looked at.
        told: the text is known to be about the camera, so what it is aimed at may follow
            ("zoom in on the cat").

    Returns:
        Direction and speed, as in a plan's camera; {} when the words are no camera's move, or
        say two directions.
    """
    words = " ".join(text[:200].lower().replace("_", " ").replace("-", " ").split())
    if told:
        aimed = _OBJECT.search(words)
        words = words[: aimed.start()] if aimed else words
        framed = _FRAMING.sub(" ", words)
        # A size of shot alone says that nothing moves.
        words = framed if framed.strip(" ,.;") else "static"
    for phrase, meaning in _PHRASES:
        words = phrase.sub(meaning, words)
    said: dict[str, set[str]] = {"direction": set(), "speed": set()}
    for word in _WORDS.findall(words):
        if word in _MEANING:
            kind, meaning = _MEANING[word]
            said[kind].add(meaning)
        elif word not in _FILLERS:
            return {}
    return _settled(said["direction"], said["speed"], len(text))


def _settled(directions: set[str], speeds: set[str], length: int) -> dict[str, str]:
    if length > 200 or len(directions) != 1 or len(speeds) > 1:
        return {}
    return {"direction": directions.pop(), "speed": speeds.pop() if speeds else "medium"}


def read_speed(text: str) -> str:
    """Return the speed that a word or two say alone, "" where they do not."""
    words = [word for word in _WORDS.findall(text[:40].lower()) if word not in _FILLERS]
    kinds = {_MEANING.get(word, ("", "")) for word in words}
    return kinds.pop()[1] if len(kinds) == 1 and next(iter(kinds))[0] == "speed" else ""
