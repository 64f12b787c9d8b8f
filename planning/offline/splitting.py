"""Where one scene ends and the next begins.

What people mean decides: numbered lines and "Scene 1:" are scenes and nothing else is; otherwise
every sentence is a scene, and "then", "later" or "finally" inside a sentence starts one, except
where the words go on about the shot they are in. These are:
- a prompt that says it is about one scene or shot ("A video of a scene in which …");
- camera instructions, style words, and descriptions ("The dog is brown.") of things already shown;
- "first … then …" and "then moves to the right": steps of one motion, read as keyframes.
"""

import re
from dataclasses import dataclass, field

from .camera import read_camera
from .lexicon import is_adverb
from .splitting_rules import describes, is_style, is_weather_report, one_shot, same_shot
from .tokens import tokenise
from .words import NUMBERS

_MARK = (
    r"(?:(?:scene|shot|clip|part|frame|step|panel|act|chapter)\s*"
    r"(?:#\s*)?(?:\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten|[ivx]{1,4})\s*[:.)\]\-,]+"
    r"|(?:the\s+)?(?:first|second|third|fourth|fifth|sixth|next|final|last)\s+(?:scene|shot|clip)"
    r"\s*[:\-]"
    r"|\[?(?:scene|shot)\s+\w{1,5}\]\s*:?)"
)
_MARKER = re.compile(rf"(?:^|(?<=[\s.;,!?(\[*])){_MARK}\s*", re.IGNORECASE)
_NUMBERED = re.compile(r"(?:^|\n)\s*[\[(#]?\d{1,3}\s*[.):\]\-]\s+|(?:^|\n)\s*[-*•]\s+")
_INLINE_NUMBER = re.compile(r"(?:^|(?<=\s))\(?(\d{1,2})[.)]\s+(?=[^\W\d])")
_SENTENCE = re.compile(
    r"(?<!\bmr\.)(?<!\bmrs\.)(?<!\bdr\.)(?<!\bst\.)(?<!\bms\.)(?<!\bvs\.)(?<!\be\.g\.)(?<!\bi\.e\.)"
    r"(?:(?<=[.!?])[\"')\]]*\s+(?=[^\s])|(?<=[^\W\d_])[.!?]+(?=[A-Z][a-z])|\n+"
    r"|\s*(?:→|->|=>|\|{1,2}|;)\s*)",
    re.IGNORECASE,
)
_THEN = re.compile(
    r"[,;]?\s*\b(?:and\s+)?(?:then|after\s+that|afterwards?|later(?:\s+on)?|finally|eventually"
    r"|lastly|next(?=,)|subsequently|in\s+the\s+end(?!\s+of)|meanwhile)\b,?\s+",
    re.IGNORECASE,
)
_CUT = re.compile(
    r"[,;.]?\s*\b(?:and\s+)?(?:then\s+)?(?:the\s+(?:scene|video|shot|camera)\s+)?"
    r"(?:cuts?|switch(?:es)?|transitions?|changes?|fades?|jumps?)\s+to\s+(?:a\s+(?:shot|scene)\s+of\s+)?",
    re.IGNORECASE,
)


@dataclass
class RawScene:
    """The text of one scene before it is understood; style is text that applies to all scenes."""

    text: str
    marked: bool = False


@dataclass
class Split:
    """A prompt cut into scenes; preamble names things without being a scene of its own."""

    scenes: list[RawScene] = field(default_factory=list)
    preamble: str = ""
    style: list[str] = field(default_factory=list)


def split_scenes(text: str) -> Split:
    """Cut a normalised prompt into scenes, in order; at least one unless the text is empty."""
    marked = _marked_units(text) or _announced(text)
    if marked:
        preamble, units = marked
        result = Split(preamble=preamble)
        for unit in units:
            _add_marked(result, unit)
    else:
        result = Split()
        _add_sentences(result, text)
    if not result.scenes:
        result.scenes = [RawScene(" ".join([*result.style, result.preamble]).strip() or text)]
    return result


def _marked_units(text: str) -> tuple[str, list[str]] | None:
    for pattern, least in ((_MARKER, 1), (_NUMBERED, 2), (_INLINE_NUMBER, 2)):
        hits = list(pattern.finditer(text))
        if len(hits) < least or (pattern is _INLINE_NUMBER and not _counts_up(hits)):
            continue
        ends = [hit.start() for hit in hits[1:]] + [len(text)]
        units = [text[hit.end() : end].strip(" \n-*") for hit, end in zip(hits, ends, strict=True)]
        return text[: hits[0].start()].strip(), [unit for unit in units if unit]
    return None


_ANNOUNCED = re.compile(
    r"\b(?P<count>\d{1,2}|two|three|four|five|six)[- ](?:scenes?|shots?|parts?|clips?)\b"
    r"[^:.]{0,60}:\s*"
    r"(?P<list>[^.]+)\.?\s*$",
    re.IGNORECASE,
)


def _announced(text: str) -> tuple[str, list[str]] | None:
    """ "A 3 scene video: a, b, c": commas part scenes when their number is the announced one."""
    match = _ANNOUNCED.search(text)
    if match is None:
        return None
    word = match.group("count").lower()
    count = int(word) if word.isdigit() else NUMBERS[word]
    for mark in (r"\s*;\s*", r"\s*,\s*(?:and\s+)?(?:then\s+)?(?:finally\s+)?"):
        units = [unit for unit in re.split(mark, match.group("list")) if unit.strip()]
        if len(units) == count:
            return "", units
    return None


def _counts_up(hits: list[re.Match[str]]) -> bool:
    numbers = [int(hit.group(1)) for hit in hits]
    return numbers[0] in (0, 1) and numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def _add_marked(result: Split, unit: str) -> None:
    kept = []
    for sentence in sentences(unit):
        if is_style(sentence):
            result.style.append(sentence.strip(" ."))
        else:
            kept.append(sentence)
    if kept:
        result.scenes.append(RawScene(" ".join(kept), marked=True))


def sentences(text: str) -> list[str]:
    """Cut at sentence ends, line breaks, semicolons, arrows and bars."""
    pieces = [piece.strip() for piece in _SENTENCE.split(text) if piece and piece.strip()]
    return [piece for piece in pieces if re.search(r"\w", piece)]


def _add_sentences(result: Split, text: str) -> None:
    lone = one_shot(text)
    waiting: list[str] = []
    for sentence in sentences(text):
        if is_style(sentence):
            result.style.append(sentence.strip(" ."))
            continue
        if is_weather_report(sentence):
            waiting.append(sentence)
            continue
        for piece, hinted in _pieces(sentence, lone):
            if not _belongs_to_last(result, piece, hinted, lone):
                result.scenes.append(RawScene(" ".join([*waiting, piece])))
                waiting = []
            elif result.scenes:
                result.scenes[-1].text = _glue(result.scenes[-1].text, piece)
            else:
                waiting.append(piece)
    if waiting and result.scenes:
        result.scenes[-1].text = _glue(result.scenes[-1].text, " ".join(waiting))
    elif waiting:
        result.scenes.append(RawScene(" ".join(waiting)))


def _glue(text: str, piece: str) -> str:
    return f"{text}{'' if text.endswith(('.', '!', '?')) else '.'} {piece}"


def _belongs_to_last(result: Split, piece: str, hinted: bool, lone: bool) -> bool:
    if _only_camera(piece):
        return True
    if not result.scenes:
        return False
    if lone:
        return not hinted
    return describes(piece, result.scenes[-1].text)


def _only_camera(piece: str) -> bool:
    reading = read_camera(piece)
    words = [t.low for t in tokenise(reading.text) if t.kind == "word"]
    return reading.camera is not None and all(is_adverb(w) or w in _FILLERS for w in words)


_FILLERS = frozenset("the a camera shot and then it slowly to of is with scene".split())


def _pieces(sentence: str, lone: bool) -> list[tuple[str, bool]]:
    """Cut one sentence at "then" and cuts; the flag says that the words asked for a new scene."""
    parts: list[tuple[str, bool]] = []
    for index, cut in enumerate(p for p in _CUT.split(sentence) if p and p.strip(" ,.")):
        then = [cut] if lone else _then_parts(cut)
        parts += [(piece.strip(" ,"), index > 0 and at == 0) for at, piece in enumerate(then)]
    return [part for part in parts if re.search(r"\w", part[0])]


def _then_parts(sentence: str) -> list[str]:
    parts = [""]
    at = 0
    for match in _THEN.finditer(sentence):
        before = sentence[at : match.start()]
        if not (parts[-1] + before).strip(" ,"):
            continue
        parts[-1] += before
        if same_shot(parts[-1], sentence[match.end() :]):
            parts[-1] += sentence[match.start() : match.end()]
        else:
            parts.append(match.group().strip(" ,;") + " ")
        at = match.end()
    parts[-1] += sentence[at:]
    return parts
