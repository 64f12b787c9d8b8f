"""Where a scene is: which nouns are places, and the background entity made of them."""

from .items import NounPhrase
from .noun_forms import plural
from .nouns import BODY, CLOTHING, CONTAINER, KNOWN
from .place_words import ENTERABLE, INSIDE_PREPOSITIONS, PLACES, TIMES, WEATHER_SUBJECTS
from .things import article
from .words import ABSTRACT

_WHERE = frozenset(
    "in at on through across along inside within throughout into around amid".split()
)


def is_place(phrase: NounPhrase) -> bool:
    """Tell whether the phrase names a place whatever stands before it."""
    head = phrase.head
    if not head or phrase.det == "pronoun":
        return False
    if head == "star":
        return phrase.plural and phrase.det == "definite" and not phrase.adjectives
    return head in PLACES or plural(head) in PLACES or f"{phrase.noun.replace(' ', '-')}" in PLACES


def is_time(phrase: NounPhrase) -> bool:
    """Tell whether the phrase names a time of day, a season or the weather."""
    return phrase.head in TIMES


def is_where(preposition: str, phrase: NounPhrase, known: bool) -> bool:
    """Tell whether preposition and noun say where the scene is.

    An unknown noun after "in a", "at the" or "through" is a place unless it is known to be a thing
    or was spoken of as one before (known).
    """
    if is_place(phrase):
        return True
    head = phrase.head
    if not head or phrase.plural or phrase.det in ("pronoun", "name", "possessive") or known:
        return phrase.det == "name" and preposition in ("in", "at", "through", "across")
    if head in ENTERABLE:
        return preposition in INSIDE_PREPOSITIONS and preposition != "at"
    if head in KNOWN or head in CONTAINER or head in CLOTHING or head in BODY or head in ABSTRACT:
        return False
    return preposition in _WHERE - {"on", "around", "into"}


def is_weather(phrase: NounPhrase) -> bool:
    """Tell whether the phrase is weather or darkness that falls, which is no thing to draw."""
    return phrase.head in WEATHER_SUBJECTS


def place_name(phrase: NounPhrase) -> str:
    """Return what the background is called: "dark alley", "mountains"."""
    if not phrase.head:
        return phrase.alias
    words = [*phrase.adjectives, *phrase.modifiers]
    head = plural(phrase.head) if phrase.plural else phrase.head
    return " ".join([*words, head, phrase.of]).strip()


_STANDING = {
    **dict.fromkeys(
        "across through into to toward towards from around amid throughout out".split(), "in"
    ),
    **dict.fromkeys("along onto down up off upon".split(), "on"),
    "out of": "in",
    "away from": "near",
}
_DAY_PARTS = frozenset("morning afternoon evening daytime".split())
_SURFACES = frozenset(
    "beach road street path trail runway stage roof rooftop highway sidewalk grass snow ground"
    " floor"
    " sand ice coast shore hill mountain slope pier dock deck balcony bridge mars moon island farm"
    " platform playground rink court racetrack field-track lane avenue boulevard"
    " cliff glacier".split()
)


def place_text(preposition: str, phrase: NounPhrase) -> str:
    """Return the phrase as prompts say it where nothing moves: "in a dark alley"."""
    preposition = _STANDING.get(preposition, preposition)
    if preposition == "in" and phrase.head in _SURFACES:
        preposition = "on"
    name = place_name(phrase)
    if phrase.head in _DAY_PARTS and not phrase.adjectives:
        return f"in the {name}"
    if phrase.head and not phrase.plural and phrase.det in ("indefinite", "another"):
        name = f"{article(name)} {name}"
    elif phrase.head and phrase.det in ("definite", "possessive"):
        name = f"the {name}"
    return f"{preposition} {name}"
