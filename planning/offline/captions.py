"""The words that a text encoder gets: self-contained scene prompts and prompts per frame."""

import re

from .facts import SceneFacts
from .places import place_name, place_text
from .things import Thing

_OPENER = re.compile(
    r"^\W*(?:(?:please|now|so)\s+)?(?:(?:make|create|generate|show|produce|render|imagine|draw"
    r"|give me|i want|i would like|film)\s+(?:me\s+|us\s+)?)?(?:(?:an?|the|some)\s+)?"
    r"(?P<style>(?:[\w-]+\s+){0,4}?)"
    r"(?:video|clip|movie|film|animation|footage|gif|timelapse|time-lapse|story|tale|sequence)s?"
    r"(?:\s+clip)?\s+(?:of|about|in\s+which|where|with|showing|that\s+shows|featuring|depicting)\s+",
    re.IGNORECASE,
)
_SCENE = re.compile(
    r"^\W*(?:(?:an?|the|one)\s+)?(?P<style>(?:[\w-]+\s+){0,4}?)scene\s+"
    r"(?:of|with|in\s+which|where|showing|that\s+shows|featuring)\s+",
    re.IGNORECASE,
)
_STARTERS = re.compile(
    r"^\W*(?:(?:and\s+)?(?:then|finally|next(?!\s+to)|later(?:\s+on)?|after\s+that|afterwards?|meanwhile"
    r"|suddenly|eventually|lastly|in\s+the\s+end|first(?:ly)?|at\s+first|initially|soon"
    r"|one\s+day|second|third|fourth|fifth|once\s+upon\s+a\s+time|secondly|thirdly|now)\b,?\s*"
    r"(?:there\s+(?:was|were)\s+)?)+",
    re.IGNORECASE,
)
_PLAIN = frozenset("viewed a an the short single one new short simple nice".split())


def strip_openers(text: str) -> tuple[str, list[str]]:
    """Take "A realistic video of a scene with" off; return the rest and its style words."""
    style: list[str] = []
    for pattern in (_OPENER, _SCENE):
        match = pattern.match(text)
        if match:
            style += [word for word in match.group("style").lower().split() if word not in _PLAIN]
            text = text[match.end() :]
    return text, style


def scene_prompt(text: str, facts: SceneFacts, carried: str, style: list[str]) -> str:
    """Return the scene's text so that it can be understood alone.

    Pronouns and short names give way to what they stand for, "Then" and the like are dropped, the
    place of an earlier scene (carried: "in a meadow") and the style are added.
    """
    whole = _spelled_out(text, facts)
    sentences = [
        _STARTERS.sub("", piece).strip() for piece in re.split(r"(?<=[.!?])\s+", whole) if piece
    ]
    first, openers = strip_openers(sentences[0]) if sentences else ("", [])
    whole_sentences = [s.rstrip(".!? ") for s in [first, *sentences[1:]] if s.strip(".!? ")]
    joined = ". ".join(_capital(sentence) for sentence in whole_sentences)
    joined = re.sub(r"\s+", " ", joined).strip(" ,;:.")
    if facts.elided and joined:
        joined = f"{_named(facts.elided, first=True)} {joined[0].lower()}{joined[1:]}"
    parts = [joined or text.strip() or "a video"]
    if carried:
        parts[0] = f"{parts[0]} {carried}" if _takes_place(parts[0]) else f"{parts[0]}, {carried}"
    return _capital(", ".join([*parts, *_unique([*openers, *style])]))


def _takes_place(text: str) -> bool:
    return not re.search(r"[.,;]", text)


def _unique(words: list[str]) -> list[str]:
    return list(dict.fromkeys(word for word in words if word))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _spelled_out(text: str, facts: SceneFacts) -> str:
    """Replace pronouns and short references by the things' names, from the end to the start."""
    told: set[str] = set()
    edits: list[tuple[int, int, str]] = []
    for phrase, things in sorted(facts.mentions, key=lambda mention: mention[0].start):
        if not things or phrase.worn or phrase.of:
            told |= {thing.id for thing in things}
            continue
        possessive = phrase.owner in ("his", "her", "its", "their")
        short = phrase.det == "pronoun" or (phrase.det == "definite" and not phrase.member)
        names = {thing.id for thing in things}
        owners = [t for t in facts.owners.get(phrase.start, []) if t.id not in told]
        if possessive and owners and len(owners) == 1:
            end = phrase.start + len(phrase.owner)
            edits.append((phrase.start, end, f"{_with_article(owners[0], first=False)}'s"))
            told.add(owners[0].id)
        if short and (phrase.det == "pronoun" or not names <= told) and not possessive:
            name = _named(things, first=not names <= told)
            if name.lower() != text[phrase.start : phrase.end].lower():
                edits.append((phrase.start, phrase.end, name))
        told |= names
    for start, end, name in reversed(edits):
        text = text[:start] + name + text[end:]
    return text


def _named(things: list[Thing], first: bool) -> str:
    if len(things) > 1 and len({thing.name for thing in things}) == 1:
        return f"{_COUNT.get(len(things), str(len(things)))} {plural_name(things[0])}"
    names = [_with_article(thing, first) for thing in things[:4]]
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]


def _with_article(thing: Thing, first: bool) -> str:
    if thing.alias or not first:
        return thing.alias or f"the {thing.name}"
    return thing.description


_COUNT = {2: "two", 3: "three", 4: "four", 5: "five", 6: "six"}


def plural_name(thing: Thing) -> str:
    """Return the name for several of its kind: "red balls"."""
    from .noun_forms import plural

    words = thing.name.split()
    if thing.of or not thing.head:
        return thing.name
    return " ".join([*words[:-1], plural(words[-1])])


def where_text(facts: SceneFacts) -> str:
    """Return place and time as prompts say them: "in a park at sunset"."""
    parts = [place_text(word, phrase) for word, phrase in [*facts.places, *facts.times]]
    return " ".join(_unique(parts))


def where_name(facts: SceneFacts) -> str:
    """Return what the place is called: "park at sunset"."""
    if facts.places:
        name = place_name(facts.places[0][1])
        times = [place_text(word, phrase) for word, phrase in facts.times[:1]]
        return " ".join([name, *times])
    return place_name(facts.times[0][1]) if facts.times else ""


def frame_prompt(
    boxes: dict[str, tuple[float, float, float, float]],
    things: dict[str, Thing],
    where: str,
    style: list[str],
) -> str:
    """Describe one frame by what is to be seen in it and where."""
    named: dict[tuple[str, str], list[Thing]] = {}
    for name, box in boxes.items():
        thing = things[name]
        named.setdefault((thing.group or thing.id, _words(box)), []).append(thing)
    parts = []
    for (_, spot), same in named.items():
        one = same[0].description
        said = (
            one if len(same) == 1 else f"{_COUNT.get(len(same), len(same))} {plural_name(same[0])}"
        )
        parts.append(f"{said} {spot}".strip())
    seen = " and ".join(parts) if len(parts) < 3 else ", ".join(parts[:-1]) + " and " + parts[-1]
    text = " ".join(part for part in (seen or "an empty scene", where) if part)
    return ", ".join([text, *_unique(style)])


def _words(box: tuple[float, float, float, float]) -> str:
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    row = "top" if y < 0.34 else "bottom" if y > 0.7 else ""
    column = "left" if x < 0.4 else "right" if x > 0.6 else ""
    if row and column:
        return f"at the {row} {column}"
    if row:
        return f"at the {row}"
    return f"on the {column}" if column else "in the middle"
