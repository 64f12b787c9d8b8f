"""Words for the planner's evaluation prompts, put together apart from the planner's own lists.

HELD_OUT are everyday things that none of the planner's noun lists names (a test keeps it so): the
planner must find them by grammar alone. COMMON are the ordinary subjects of benchmark prompts.
"""

from typing import NamedTuple


class Noun(NamedTuple):
    """One and several of a kind."""

    one: str
    many: str


def _nouns(text: str) -> tuple[Noun, ...]:
    pairs = (pair.split("/") for pair in text.split(","))
    return tuple(Noun(one.strip(), many.strip()) for one, many in pairs)


HELD_OUT = _nouns(
    "kayak/kayaks, hedgehog/hedgehogs, typewriter/typewriters, accordion/accordions,"
    " ferret/ferrets, llama/llamas, otter/otters, wheelbarrow/wheelbarrows,"
    " pelican/pelicans, chipmunk/chipmunks,"
    " tricycle/tricycles, marionette/marionettes, unicycle/unicycles, forklift/forklifts,"
    " bulldozer/bulldozers, stroller/strollers, scarecrow/scarecrows, gargoyle/gargoyles,"
    " pinwheel/pinwheels, jukebox/jukeboxes, armadillo/armadillos, toucan/toucans,"
    " meerkat/meerkats, gecko/geckos, trombone/trombones, teapot/teapots, beetle/beetles,"
    " plumber/plumbers, snowplow/snowplows, toaster/toasters, hairdryer/hairdryers,"
    " weasel/weasels, rickshaw/rickshaws, hovercraft/hovercraft, chandelier/chandeliers"
)
COMMON = _nouns(
    "car/cars, cat/cats, bird/birds, ball/balls, dog/dogs, boat/boats, child/children,"
    " horse/horses, balloon/balloons, robot/robots, train/trains, elephant/elephants,"
    " butterfly/butterflies,"
    " airplane/airplanes, bicycle/bicycles, rabbit/rabbits, woman/women, truck/trucks, bear/bears,"
    " duck/ducks, mouse/mice, kite/kites, sheep/sheep, bus/buses, monkey/monkeys, fish/fish,"
    " lantern fish/lantern fish, fox terrier puppy/fox terrier puppies, ice cream truck/ice cream"
    " trucks, fire truck/fire trucks, police car/police cars, apple/apples, wolf/wolves, boy/boys"
)
COLOURS = tuple("red orange yellow green blue purple pink brown black white gray".split())
LOOKS = tuple("striped wooden rusty fluffy shiny spotted golden furry tiny huge old".split())
NUMBERS = {1: "one", 2: "two", 3: "three", 4: "four", 5: "five", 6: "six"}
PLACES = (
    "in a park", "on the beach", "in a kitchen", "by a lake", "in the desert", "on a busy street",
    "in a snowy forest", "in a laundromat", "in a quarry", "at the harbor", "in a vineyard",
    "on a rooftop", "in a greenhouse", "in an abandoned observatory", "in a meadow", "at a carwash",
    "in a dark cave", "near a waterfall", "inside a planetarium", "on a mountain",
)  # fmt: skip
WAYS = ("moving", "gliding", "travelling", "going", "drifting", "rolling", "wandering", "sliding")
DEEDS = (
    "sleeps", "sits quietly", "dances", "waits", "jumps", "spins around", "turns around", "rests",
    "runs fast", "looks around", "wakes up", "stands still", "plays", "trembles", "glows",
)  # fmt: skip
MEETINGS = ("meets", "finds", "chases", "watches", "follows", "bumps into", "plays with", "greets")


def pronoun(noun: str) -> str:
    """Return what one says for one of the nouns later on."""
    people = {"woman": "she", "boy": "he", "plumber": "he", "child": "the child"}
    return people.get(noun, "it")


def with_article(words: str) -> str:
    """Return the words with a or an."""
    vowel = words[0] in "aeiou" and not words.startswith(("uni", "eu"))
    return f"{'an' if vowel else 'a'} {words}"
