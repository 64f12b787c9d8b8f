"""Splits what VideoStudio's planner says of one scene into prompt, entities, background, camera.

Either the parts are named (`prompt; entities: a, b; background: c`, figure 2 of the supplement of
arXiv:2401.01256) or they stand in a fixed order (`prompt, foreground, background, camera move`,
equation 1 of the paper). There the prompt and the foreground hold commas themselves: a part whose
words the prompt has used is a thing that is seen.
"""

import re
from dataclasses import dataclass, field

from ..schema import PlanError
from .cameras import read_camera, read_speed
from .drafts import DraftScene
from .names import number_things, said, split_names

_LABELS = {
    "prompt": r"(?:scene |event )?(?:prompt|description)|event",
    "entities": r"(?:foreground |main |key )?(?:entities|entity|objects?|characters?|subjects?)"
    r"|foregrounds?",
    "background": r"background(?: entity| keyword)?|setting",
    "camera": r"camera(?: move(?:ment)?s?| motion)?",
}
_PART = re.compile(
    r"(?:^|[;,.|\]])\s*[*\[]*(?:"
    + "|".join(f"(?P<{name}>{words})" for name, words in _LABELS.items())
    + r")[*]*\s*[:=]",
    re.IGNORECASE,
)
_SPLITS = {sign: re.compile(rf"[{sign}\[\](){{}}\"]") for sign in ",;|"}
_WORD = re.compile(r"\w+")
_SMALL = frozenset("a an the of and some his her its their two three".split())
_CONTINUES = frozenset(
    "with at in on under near by lit during covered surrounded full filled while behind between "
    "over and where".split()
)
_NAME_WORDS = 5
_PLAIN = r"(?!\w{2,30}(?:ing|ly)\b)[\w'’-]{1,30}"
_NAME = re.compile(rf"(?!and\b|with\b){_PLAIN}(?: {_PLAIN}){{0,2}}", re.IGNORECASE)


@dataclass
class SceneParts:
    """What a text says of one scene; None where it does not say it."""

    prompt: str = ""
    entities: list[str] = field(default_factory=list)
    background: str | None = None
    camera: str | None = None


class UnclearParts(ValueError):
    """The parts cannot be told apart."""


def split_parts(body: str) -> SceneParts:
    """Split the text of a scene.

    Raises:
        UnclearParts: it has two parts in a row that are not named, so what they are is unclear.
    """
    body = body.strip(" {}")
    labels = list(_PART.finditer(body))
    if labels:
        return _named(body, labels)
    for sign in ";|":
        if len(fields := _fields(body, sign)) in (3, 4) and body.count(sign) >= 2:
            return _in_order(fields)
    fields = _fields(body, ",")
    if len(fields) < 3:
        return SceneParts(prompt=body.strip(" ;,"))
    return _in_paper_order(fields)


def has_parts(body: str) -> bool:
    """Tell whether a text names its parts, or ends in a camera's move as equation 1 does."""
    return bool(_PART.search(body, 1)) or (body.count(",") >= 3 and "camera" in body[-40:].lower())


def _named(body: str, labels: list[re.Match[str]]) -> SceneParts:
    ends = [match.start() for match in labels[1:]] + [len(body)]
    texts = {
        str(match.lastgroup): body[match.end() : end].strip(" ;,*")
        for match, end in zip(labels, ends, strict=True)
    }
    return SceneParts(
        prompt=texts.get("prompt") or body[: labels[0].start()].strip(" ;,*|"),
        entities=split_names(texts.get("entities", "")),
        background=said(texts.get("background", "")),
        camera=texts.get("camera"),
    )


def _fields(text: str, sign: str) -> list[str]:
    """Split at a sign that stands outside of brackets and of quotes."""
    fields, depth, begin, quoted = [], 0, 0, False
    paired = text.count('"') % 2 == 0
    for mark in _SPLITS[sign].finditer(text):
        if mark.group() == '"':
            quoted = paired and not quoted
        elif quoted:
            continue
        elif mark.group() == sign and depth == 0:
            fields.append(text[begin : mark.start()].strip())
            begin = mark.end()
        elif mark.group() in "[({":
            depth += 1
        elif mark.group() in "])}":
            depth = max(depth - 1, 0)
    fields.append(text[begin:].strip())
    return [part for part in fields if part]


def _in_order(fields: list[str]) -> SceneParts:
    camera = fields[3] if len(fields) == 4 else None
    return SceneParts(fields[0], split_names(fields[1].strip("[](){}")), said(fields[2]), camera)


def _in_paper_order(fields: list[str]) -> SceneParts:
    count, camera = _camera_at_the_end(fields)
    rest = fields[: len(fields) - count]
    listed = [index for index, part in enumerate(rest[1:], 1) if part[0] in "[("]
    if listed:
        first, after = listed[0], listed[0] + 1
        names = split_names(rest[first].strip("[](){}"))
    else:
        first, after = _foreground(rest)
        names = [name for part in rest[first:after] if (name := said(part))]
    background = ", ".join(rest[after:])
    return SceneParts(", ".join(rest[:first]), names, said(background.strip("[]")), camera)


def _camera_at_the_end(fields: list[str]) -> tuple[int, str | None]:
    """Return how many of the last fields are the camera's, and its words."""
    if len(fields) > 3 and read_speed(fields[-1]) and read_camera(fields[-2]):
        return 2, f"{fields[-2]}, {fields[-1]}"
    return (1, fields[-1]) if read_camera(fields[-1].strip("[]()")) else (0, None)


def _foreground(parts: list[str]) -> tuple[int, int]:
    """Return where the foreground begins and ends; behind it is the background."""
    if len(parts) < 3:
        raise UnclearParts
    seen: set[str] = set()
    mentioned = []
    for part in parts:
        words = _content(part)
        nothing = said(part) is None
        mentioned.append(nothing or (bool(words) and len(words) <= _NAME_WORDS and words <= seen))
        seen |= words
    last = len(parts) - 1
    while last > 2 and parts[last].split()[0].lower() in _CONTINUES:
        last -= 1
    first = next((index for index in range(1, last) if mentioned[index]), 0)
    if first:
        return first, last
    # Nothing tells them but their form: names are short and say nothing that happens.
    first = last - 1
    while first > 1 and _NAME.fullmatch(parts[first - 1]):
        first -= 1
    return first, last


def _unquoted(text: str) -> str:
    """Return a text without the pair of quotes around it."""
    pairs = (text[:1], text[-1:])
    whole = pairs in (('"', '"'), ("“", "”")) and text.count(pairs[0]) <= 2
    return text[1:-1].strip() if whole else text


def _content(part: str) -> set[str]:
    """Return the words that name something, plurals as their singular."""
    words = {word.lower() for word in _WORD.findall(part)} - _SMALL
    return {word[:-1] if len(word) > 3 and word.endswith("s") else word for word in words}


def draft_scene(parts: SceneParts, where: str) -> DraftScene:
    """Make a scene of its parts.

    Raises:
        PlanError: the camera's words are not understood.
    """
    camera = read_camera(parts.camera, told=True) if parts.camera else {}
    if parts.camera and not camera:
        raise PlanError(
            f"{where} has the camera {parts.camera[:60]!r}; use one of static, moving left, "
            "moving right, moving up, moving down, zoom in and zoom out, and slow, medium or fast"
        )
    return DraftScene(
        prompt=_unquoted(parts.prompt),
        things=number_things(parts.entities),
        background=parts.background,
        camera=camera,
    )
