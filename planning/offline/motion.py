"""What a verb does to where things are."""

from typing import Literal

Effect = Literal[
    "move", "rise", "fall", "exit", "enter", "appear", "vanish", "meet", "follow", "circle", "jump",
    "grow", "shrink", "bob", "pass", "",
]  # fmt: skip


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


MOVES = _set(
    "move go travel roll run walk drive ride slide swim fly sail float drift crawl hop gallop march"
    " skate ski race wander stroll jog dash sprint zoom glide soar cruise hurry rush speed tumble"
    " bounce creep sneak paddle row pedal trot waddle slither scurry scamper shuffle limp hike roam"
    " prowl saunter strut tiptoe stagger hobble trudge skitter scuttle dart flee steer accelerate"
    " shift scoot skip parade flutter stride amble coast hurtle skid slip push pull carry haul tow"
    " drag return advance proceed head continue cross pass surf travel transport swerve zigzag"
    " migrate commute navigate taxi wade charge stampede lumber toddle traverse amble scramble"
    " blow chug rumble whiz whizz zip putter patrol follow-on tug ramble"
    " journey trek flit sled sledge cycle"
    " skateboard snowboard bike kayak paraglide"
)
RISES = _set("rise ascend climb launch lift blast-off levitate soar-up")
FALLS = _set("fall descend drop sink dive plunge land topple plummet tumble-down rain-down sink")
EXITS = _set("leave exit depart flee escape")
ENTERS = _set("enter arrive come")
APPEARS = _set("appear emerge materialize pop join")
VANISHES = _set("disappear vanish fade dissolve evaporate")
MEETS = _set(
    "meet approach reach greet hug kiss embrace visit near attack catch touch face tackle hit join"
    " bump confront welcome encounter"
)
FOLLOWS = _set("follow chase pursue hunt trail stalk track")
CIRCLES = _set("circle orbit surround encircle")
JUMPS = _set("jump leap hop-up somersault bounce-up pounce vault")
GROWS = _set("grow expand inflate enlarge swell bloom")
SHRINKS = _set("shrink contract deflate dwindle melt")
PRESENCE = _set("be appear show see exist stay remain have feature")
# Verbs of place that can take "to the left" as where somebody looks, not where he goes.
STILL = _set("look stare gaze point turn lean face wave glance peek peer nod smile nap sleep")
# The object goes with the subject, or is moved by it.
CARRIES = _set("carry hold bring push pull drag ride drive pedal steer sail fly tow walk lead take")
RIDES = _set("ride drive pedal steer sail fly pilot row paddle mount")
_UP = ("up", "upward", "upwards", "skyward")
_DOWN = ("down", "downward", "downwards")
_AWAY = ("away", "off", "out")


def effect_of(verb: str, particles: list[str], predicates: list[str]) -> Effect:
    """Return what a verb with its particles does; "" for verbs that leave things in place."""
    if verb == "fall" and (
        {"asleep", "silent", "ill", "sick", "apart"} & {*predicates, *particles}
    ):
        return ""
    if verb in ("take", "lift", "blast") and "off" in particles:
        return "rise"
    if verb in ("show", "turn", "pop") and "up" in particles:
        return "appear"
    if verb in ("set", "go", "come") and "down" in particles:
        return "fall"
    if verb in ("go", "come", "fly", "float", "shoot", "climb") and _has(particles, _UP):
        return "rise"
    if verb in MOVES or verb in JUMPS:
        return _moving(verb, particles)
    return _TABLE.get(verb, "")


def _moving(verb: str, particles: list[str]) -> Effect:
    if _has(particles, _AWAY):
        return "exit"
    if _has(particles, _UP):
        return "rise"
    if _has(particles, _DOWN):
        return "fall"
    if "by" in particles or "past" in particles:
        return "pass"
    return "jump" if verb in JUMPS else "move"


def _has(particles: list[str], wanted: tuple[str, ...]) -> bool:
    return any(word in wanted for word in particles)


_TABLE: dict[str, Effect] = {}
for _words, _effect in (
    (RISES, "rise"),
    (FALLS, "fall"),
    (ENTERS, "enter"),
    (EXITS, "exit"),
    (MEETS, "meet"),
    (FOLLOWS, "follow"),
    (CIRCLES, "circle"),
    (GROWS, "grow"),
    (SHRINKS, "shrink"),
    (VANISHES, "vanish"),
    (APPEARS, "appear"),
    (frozenset({"overtake"}), "pass"),
):
    _TABLE.update(dict.fromkeys(_words, _effect))  # type: ignore[arg-type]
