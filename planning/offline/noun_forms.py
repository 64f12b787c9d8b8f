"""Singular and plural of English nouns, by rule and by a short list of exceptions."""

from . import nouns
from .words import ABSTRACT

_IRREGULAR = dict(
    pair.split(":")
    for pair in (
        "men:man women:woman children:child people:person mice:mouse geese:goose feet:foot"
        " teeth:tooth oxen:ox policemen:policeman policewomen:policewoman firemen:fireman"
        " fishermen:fisherman businessmen:businessman snowmen:snowman cowmen:cowman"
        " gentlemen:gentleman"
        " leaves:leaf wolves:wolf knives:knife shelves:shelf loaves:loaf calves:calf elves:elf"
        " thieves:thief scarves:scarf hooves:hoof dwarves:dwarf halves:half wives:wife lives:life"
        " cacti:cactus octopi:octopus dice:dice fungi:fungus grandchildren:grandchild"
        " postmen:postman sportsmen:sportsman workmen:workman mailmen:mailman cavemen:caveman"
        " potatoes:potato tomatoes:tomato heroes:hero mosquitoes:mosquito volcanoes:volcano"
        " buffaloes:buffalo torpedoes:torpedo echoes:echo zeroes:zero mangoes:mango"
        " buses:bus lenses:lens gases:gas pianos:piano cookies:cookie movies:movie pies:pie"
        " ties:tie"
        " zombies:zombie ponies:pony selfies:selfie genies:genie pixies:pixie bookies:bookie"
        " hoodies:hoodie brownies:brownie smoothies:smoothie birdies:birdie collies:collie"
        " huskies:husky aeries:aerie caves:cave waves:wave gloves:glove doves:dove stoves:stove"
        " sleeves:sleeve olives:olive hives:hive horses:horse houses:house roses:rose noses:nose"
        " mouses:mouse vases:vase cases:case suitcases:suitcase causes:cause geishas:geisha"
        " axes:axe shoes:shoe toes:toe canoes:canoe bees:bee trees:tree kayaks:kayak bows:bow"
        " nurses:nurse purses:purse greenhouses:greenhouse lighthouses:lighthouse"
        " treehouses:treehouse bases:base hoses:hose mongooses:mongoose moose:moose"
    ).split()
)
INVARIANT = frozenset(
    "sheep fish deer moose bison salmon trout shrimp squid aircraft spacecraft series species"
    " offspring police cattle swine hovercraft".split()
)
# Ends in s and is one thing.
_SINGULAR_S = frozenset(
    "bus gas lens grass glass dress bass brass cross compass albatross octopus cactus hippopotamus"
    " platypus walrus circus campus canvas christmas virus abacus chess class boss mass princess"
    " waitress actress seamstress empress goddess hostess mattress fortress harness atlas iris"
    " trellis tennis moss press witness business news mars venus uranus paris texas santas kansas"
    " sunglasses glasses pants jeans trousers shorts scissors binoculars goggles headphones pajamas"
    " stairs woods ruins downstairs upstairs always perhaps fireworks wilderness is was this its us"
    " his has does yes across rhinoceros thermos pegasus stegosaurus crocus lotus hummus asparagus"
    " cutlass windlass sundress cypress plus minus various fabulous enormous diabolus bias"
    " chaos cosmos photos".split()
) - {"photos"}


def singular(word: str) -> str:
    """Return the singular of a noun in lower case; a singular comes back as it is."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if "-" in word and not word.startswith("t-"):
        stem, _, last = word.rpartition("-")
        return f"{stem}-{singular(last)}"
    if not is_plural(word):
        return word
    for ending, cut, add in _ENDINGS:
        if word.endswith(ending) and len(word) > len(ending) + 1:
            return word[: len(word) - cut] + add
    return word


_ENDINGS = (
    ("ies", 3, "y"),
    ("sses", 2, ""),
    ("shes", 2, ""),
    ("ches", 2, ""),
    ("xes", 2, ""),
    ("zzes", 2, ""),
    ("uses", 2, ""),
    ("men", 3, "man"),
    ("s", 1, ""),
)


def is_plural(word: str) -> bool:
    """Tell whether a noun in lower case has the form of a plural (never for sheep and the like)."""
    if word in INVARIANT or word in _SINGULAR_S:
        return False
    if word in _IRREGULAR:
        return _IRREGULAR[word] != word
    if word.endswith("men") and len(word) > 5 and word not in ("specimen", "abdomen"):
        return True
    if not word.endswith("s") or len(word) < 4 or word.endswith(("ss", "us", "is")):
        return False
    return word not in nouns.KNOWN or word[:-1] in nouns.KNOWN


def plural(word: str) -> str:
    """Return the plural of a singular noun."""
    for many, one in _IRREGULAR.items():
        if one == word:
            return many
    if word in INVARIANT or is_plural(word):
        return word
    if word.endswith(("s", "x", "z", "ch", "sh")):
        return word + "es"
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return word[:-1] + "ies"
    return word + "s"


def is_known_noun(word: str) -> bool:
    """Tell whether the word or its singular is in the lists of nouns."""
    return word in nouns.KNOWN or singular(word) in nouns.KNOWN or word in ABSTRACT
