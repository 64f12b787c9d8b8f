"""Does a piece of text go on about the shot it follows? The judgements behind `splitting`."""

import re
from typing import NamedTuple

from . import motion
from .adjectives import ADJECTIVES, COLOURS, MATERIALS, SCALES
from .clause_reader import read_clauses
from .clauses import Clause
from .items import NounPhrase
from .items_reader import read_items
from .lexicon import is_adjective, is_adverb, is_closed
from .places import is_place, is_time, is_weather
from .tokens import tokenise

_ONE_SHOT = re.compile(
    r"\b(?:of|in|shows?|showing|depicting|is|featuring)\s+(?:a|an|one|the|a single)\s+"
    r"(?:[\w-]+\s+){0,4}scene\b|^\W*(?:generate\s+|create\s+|make\s+|show\s+|imagine\s+)?(?:a|an|one|the)?\s*"
    r"(?:[\w-]+\s+){0,4}scene\s+(?:with|where|in\s+which|of|that|showing|featuring|containing)\b"
    r"|\b(?:one|single|continuous|uncut)\s+(?:[\w-]+\s+)?(?:shot|take)\b",
    re.IGNORECASE,
)
_STYLE = frozenset(
    "style cinematic realistic photorealistic hyperrealistic 4k 8k hd uhd detailed lighting colors"
    " colours cartoon anime pixar disney ghibli watercolor watercolour render unreal engine octane"
    " bokeh film grain 35mm lens resolution quality masterpiece trending artstation hdr sharp focus"
    " aesthetic mood tone music soundtrack stop-motion claymation photography blender cgi 3d 2d"
    " animation monochrome noir palette pastel fps".split()
)
_STYLE_FILLERS = frozenset(
    "in the of a an with and by on like as to very highly ultra extremely use using made shot"
    " best high low vivid bright studio van gogh old black white soft warm cold".split()
)
_DIRECTION = re.compile(
    r"\W*(?:back\s+)?(?:to\s+the\s+)?(?:left|right|up|down|back)\b\W*(?:$|,|and\b|then\b)", re.I
)
_INITIAL = re.compile(r"\b(?:initially|at first|first|starts?|begins?|starting|beginning)\b", re.I)
_MOVING = (
    motion.MOVES | motion.RISES | motion.FALLS | motion.JUMPS | motion.EXITS | {"come", "turn"}
)
_SEEN = motion.APPEARS | motion.VANISHES | motion.ENTERS | {"show"}


_SIDES = ("left_of", "right_of", "above", "below")


class Survey(NamedTuple):
    """What a piece of text brings: its first clause and what is new in all of them."""

    first: Clause | None
    clauses: list[Clause]
    new: bool
    place: bool
    spot: bool
    timed: bool


def survey(text: str) -> Survey:
    """Read a piece of text and sum up what it brings."""
    clauses = read_clauses(read_items(text))
    phrases = [np for clause in clauses for np in _mentioned(clause)]
    complements = [part for clause in clauses for part in clause.complements]
    return Survey(
        clauses[0] if clauses else None,
        clauses,
        any(_introduces(np) for np in phrases),
        any(is_place(np) and np.head not in ("ground", "floor") for np in phrases),
        any(part.kind == "spot" or part.own or part.word in _SIDES for part in complements),
        any(
            part.kind == "when" and part.word in ("during", "until", "from") for part in complements
        ),
    )


def _mentioned(clause: Clause) -> list[NounPhrase]:
    grounds = [np for part in clause.complements for np in part.grounds]
    return [*clause.subjects, *clause.objects, *grounds]


def _introduces(phrase: NounPhrase) -> bool:
    new = phrase.det in ("indefinite", "another", "none") or (phrase.exact and phrase.det == "none")
    return new and not is_time(phrase)


def one_shot(text: str) -> bool:
    """Tell whether the prompt says by its first words that all of it is one scene."""
    opening = re.split(r"(?<=[.!?])\s", text, maxsplit=1)[0]
    return _ONE_SHOT.search(opening[:160]) is not None


def is_style(sentence: str) -> bool:
    """Tell whether a sentence only says what the video should look like."""
    words = [token.low for token in tokenise(sentence) if token.kind != "mark"]
    if not any(word in _STYLE for word in words) or len(words) > 25:
        return False
    if re.match(
        r"\W*(?:in\s+the\s+style\s+of|style\s*:|(?:shot|filmed)\s+(?:on|with|in)\b)", sentence, re.I
    ):
        return True
    return all(w in _STYLE or w in _STYLE_FILLERS or w in ADJECTIVES or is_adverb(w) for w in words)


def is_weather_report(sentence: str) -> bool:
    """Tell whether a sentence only sets the weather: "It is raining." or "Night falls."."""
    clauses = read_clauses(read_items(sentence))
    if len(clauses) != 1 or clauses[0].objects or not clauses[0].subjects:
        return False
    if not clauses[0].verb and all(is_weather(np) for np in clauses[0].subjects):
        return True
    subject, verb = clauses[0].subjects[0], clauses[0].verb
    grounds = [np for part in clauses[0].complements for np in part.grounds]
    if subject.alias == "it":
        return (
            verb in ("rain", "snow", "thunder")
            or verb == "be"
            and bool(grounds)
            and all(is_time(np) for np in grounds)
        )
    return is_weather(subject) and verb in ("fall", "come", "set", "begin", "start", "blow")


def same_shot(before: str, after: str) -> bool:
    """Tell whether what follows "then" in a sentence is a step of the same shot."""
    if _DIRECTION.match(after):
        return True
    sight = survey(after)
    clause = sight.first
    if clause is None or sight.place:
        return False
    if _INITIAL.search(before):
        known = sight.spot or clause.verb in _MOVING or clause.verb in _SEEN or not clause.verb
        return known and (not sight.new or sight.spot or clause.verb in _SEEN)
    subject = clause.subjects[0] if clause.subjects else None
    if sight.new or (subject is not None and subject.det != "pronoun"):
        return False
    return sight.spot or not clause.verb or clause.verb in _MOVING | motion.VANISHES


def describes(piece: str, before: str) -> bool:
    """Tell whether a sentence adds to the shot before it instead of starting a new one."""
    sight = survey(piece)
    clause = sight.first
    if clause is None:
        return not any(not is_closed(t.low) and not is_adjective(t.low) for t in tokenise(piece))
    if sight.timed:
        return True
    subject = clause.subjects[0] if clause.subjects else None
    if subject is None or clause.stage == "last" or sight.place:
        return False
    if _attributes(clause, sight, subject) or _relates(clause, sight, subject):
        return True
    return _goes_on(sight, subject, before)


def _attributes(clause: Clause, sight: Survey, subject: NounPhrase) -> bool:
    """ "The dog is brown.": nothing but looks."""
    looks = bool(clause.predicates) and all(
        word in COLOURS or word in SCALES or word in MATERIALS for word in clause.predicates
    )
    known = subject.det in ("definite", "possessive", "pronoun")
    bare = clause.verb == "be" and not clause.complements and not clause.stage
    return len(sight.clauses) == 1 and bare and known and looks


def _relates(clause: Clause, sight: Survey, subject: NounPhrase) -> bool:
    """ "There is a tree next to the house.": where something stands beside what is shown."""
    grounds = [np for part in clause.complements for np in part.grounds]
    if len(sight.clauses) != 1 or clause.verb not in ("be", "") or clause.stage or not grounds:
        return False
    introduced = subject.det in ("indefinite", "another", "none")
    return introduced and all(np.det in ("definite", "pronoun", "possessive") for np in grounds)


def _goes_on(sight: Survey, subject: NounPhrase, before: str) -> bool:
    """ "It moves to the upper left.": a further step between places of the frame."""
    if not sight.spot or sight.new:
        return False
    earlier = survey(before)
    if subject.det == "pronoun":
        return earlier.spot
    return (
        subject.det in ("definite", "possessive") and earlier.spot and bool(_INITIAL.search(before))
    )
