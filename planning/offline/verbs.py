"""Verbs and their forms. A word that is no form of these is read as a noun where one may stand."""

from functools import cache
from typing import NamedTuple

REGULAR = """
accelerate admire advance agree aim amble answer appear applaud apply approach arrive ascend ask
attack awake back bake balance bang bark bat bathe beam beg behave belong blast blend blink bloom
board boil bounce bow box brake breathe brush bubble build bump burn burst bury buzz call camp
capture care carry carve cast celebrate change charge chase chat check cheer chew chirp chop circle
clap clean clear climb close coast collapse collect collide color comb compete cook cool copy cough
count cover crack crash crawl create cross crouch crow crowd cruise crumble crunch cry cuddle cure
curl dance dangle dart dash decorate delay deliver depart descend destroy dip disappear discover
dissolve dive divide dock dodge double drag drain dream dress drift drip drop drown drum dry duck
dump dust eject embark embrace emerge empty end enjoy enter erupt escape evaporate examine exit
expand explode explore extend fade faint fasten fetch fill film filter finish fire fish fix flap
flash flee flicker flip float flood flow flower fold follow frown fry gallop gather gaze giggle
glance gleam glide glimmer glisten glow gnaw grab grasp graze greet grill grin groom guard guide
hammer hand hang happen harvest hatch haul head heal heat help hike hop hover howl hug hum hunt
hurry hurtle include increase inspect invite iron jog join juggle jump kick kill kiss kneel knit
knock land last laugh launch leak lean leap learn lick lift light like limp listen live load lock
look love lower lurk march mark melt meow merge mix moo mop mount move mow munch nap near nod
notice obey offer open orbit order overtake own pack paddle paint park part pass paste pat patrol
pause peck pedal peek peel peep peer perch perform pet pick pilot pirouette place plant play plow
plough plunge point polish pop pose pounce pour pray preen prepare press prowl pull pump punch
purr push race rain raise reach read receive recline reflect relax release remain remove repair
rescue rest return reveal revolve ripple roam roar roast rock roll rotate row rub ruin rush sail
salute saunter save scale scamper scatter scoot scramble scratch scream scurry search seem select
serve settle share shave shelter shift shiver shop shout shovel show shrug shuffle sigh signal sip
skate sketch ski skid skip slam slip slither slumber slump smash smell smile smoke snap sneak
sneeze sniff snore snow snuggle soar somersault spark sparkle splash spray sprint sprout squat
squeeze stack stagger stalk stare start startle stay steam steer step stir stomp stop store stretch
stroll struggle strut study stumble surf surface surprise surround swap sway swerve swirl switch
swoop tackle talk tap taste taxi tease tend thank tidy tie tilt tiptoe toast topple toss touch tour
tow trace track trail train transform travel tremble trim trip trot try tug tumble turn twinkle
twirl twist type unfold unload unlock use vanish vault visit wade wag wait walk wander want warm
wash watch water wave wear-out weigh whirl whisper whistle wink wipe wish wobble work worry wrap
wrestle yawn yell zip zoom zigzag trudge skitter scuttle waddle hobble parade gush trickle hail
saddle gobble nibble slurp grind sort bless wrap strike-up blossom wilt wither sizzle simmer crackle
croak neigh squeak quack growl hiss bleat cluck rumble thunder flutter hail-down soak sharpen
unwrap juggle-up sweep-up tidy-up steady stand-up grumble chuckle applaud converse argue debate
gesture beckon shield defend battle duel conquer crown marry propose promise pretend imitate mimic
film record photograph scan drill weld assemble dismantle construct demolish plaster renovate
loom dominate contain surround-by line dot frame depict feature present portray illustrate generate
imagine picture visualize animate render produce showcase introduce inhabit occupy
need plan decide realize remember forget-about hope fear trust believe wonder thank-for
knead queue nudge sled sledge uncurl skateboard snowboard cycle bike kayak paraglide hand
survive recover crouch-down rebuild bump-into wink-at splash-about tangle trap untie whirl-around
"""
# base, third person, past, participle; the -ing form follows the rules.
IRREGULAR = """
be is was been|become becomes became become|begin begins began begun|bend bends bent bent
bite bites bit bitten|bleed bleeds bled bled|blow blows blew blown|break breaks broke broken
bring brings brought brought|build builds built built|buy buys bought bought
catch catches caught caught|choose chooses chose chosen|cling clings clung clung
come comes came come|creep creeps crept crept|cut cuts cut cut|dig digs dug dug|do does did done
draw draws drew drawn|drink drinks drank drunk|drive drives drove driven|eat eats ate eaten
fall falls fell fallen|feed feeds fed fed|feel feels felt felt|fight fights fought fought
find finds found found|fly flies flew flown|freeze freezes froze frozen|get gets got gotten
give gives gave given|go goes went gone|grow grows grew grown|hang hangs hung hung
have has had had|hear hears heard heard|hide hides hid hidden|hit hits hit hit|hold holds held held
keep keeps kept kept|know knows knew known|lay lays laid laid|lead leads led led
leave leaves left left|lend lends lent lent|lie lies lay lain|lose loses lost lost
make makes made made|meet meets met met|pay pays paid paid|put puts put put|ride rides rode ridden
ring rings rang rung|rise rises rose risen|run runs ran run|say says said said|see sees saw seen
sell sells sold sold|send sends sent sent|set sets set set|shake shakes shook shaken
shine shines shone shone|shoot shoots shot shot|shrink shrinks shrank shrunk|sing sings sang sung
sink sinks sank sunk|sit sits sat sat|sleep sleeps slept slept|slide slides slid slid
speak speaks spoke spoken|spend spends spent spent|spin spins spun spun|split splits split split
spread spreads spread spread|spring springs sprang sprung|stand stands stood stood
steal steals stole stolen|stick sticks stuck stuck|sting stings stung stung
strike strikes struck struck|string strings strung strung|sweep sweeps swept swept
swim swims swam swum|swing swings swung swung|take takes took taken|teach teaches taught taught
tear tears tore torn|tell tells told told|think thinks thought thought|throw throws threw thrown
wake wakes woke woken|wear wears wore worn|weave weaves wove woven|win wins won won
wind winds wound wound|write writes wrote written|stride strides strode stridden
leap leaps leapt leapt|dream dreams dreamt dreamt|kneel kneels knelt knelt|burn burns burnt burnt
light lights lit lit|speed speeds sped sped|flee flees fled fled|dive dives dove dived
fling flings flung flung|forget forgets forgot forgotten|weep weeps wept wept
swear swears swore sworn|sew sews sewed sewn|mow mows mowed mown|show shows showed shown
let lets let let|hurt hurts hurt hurt|shut shuts shut shut|beat beats beat beaten
bid bids bade bidden|overtake overtakes overtook overtaken|undergo undergoes underwent undergone
"""
# Verbs that ask for a picture and say nothing about it.
REQUESTS = frozenset(
    "show make create generate imagine draw depict feature animate render produce visualize picture"
    " film give want see illustrate portray showcase please introduce present".split()
)
COPULAS = frozenset(
    "be become get seem look feel stay remain turn appear go fall grow sound taste smell".split()
)


class VerbForm(NamedTuple):
    """One reading of a word as a verb; form is base, s, ed (past or participle) or ing."""

    lemma: str
    form: str


@cache
def verb_forms() -> dict[str, VerbForm]:
    """Return word to its reading as a verb; the base form wins where two readings agree."""
    table: dict[str, VerbForm] = {}
    for lemma in REGULAR.split():
        if "-" not in lemma:
            _add(table, lemma, third_person(lemma), past(lemma), past(lemma))
    for lemma in ("travel", "shovel", "signal", "cancel", "label", "swivel", "spiral"):
        table[f"{lemma}led"] = VerbForm(lemma, "ed")
        table[f"{lemma}ling"] = VerbForm(lemma, "ing")
    for line in IRREGULAR.replace("\n", "|").split("|"):
        if line.strip():
            _add(table, *line.split())
    table |= {word: VerbForm("be", "s") for word in ("am", "are", "were")}
    table["lit"] = VerbForm("light", "ed")
    table["felt"] = VerbForm("feel", "ed")
    return table


def _add(table: dict[str, VerbForm], lemma: str, third: str, past_: str, participle: str) -> None:
    for word, form in ((past_, "ed"), (participle, "ed"), (third, "s"), (gerund(lemma), "ing")):
        table[word] = VerbForm(lemma, form)
    table[lemma] = VerbForm(lemma, "base")


def third_person(lemma: str) -> str:
    """Return the he/she/it form: watch -> watches, fly -> flies."""
    if lemma.endswith(("s", "x", "z", "ch", "sh", "o")):
        return lemma + "es"
    if lemma.endswith("y") and lemma[-2] not in "aeiou":
        return lemma[:-1] + "ies"
    return lemma + "s"


def past(lemma: str) -> str:
    """Return the regular past: stop -> stopped, hurry -> hurried."""
    if lemma.endswith("e"):
        return lemma + "d"
    if lemma.endswith("y") and lemma[-2] not in "aeiou":
        return lemma[:-1] + "ied"
    return _doubled(lemma) + "ed"


def gerund(lemma: str) -> str:
    """Return the -ing form: run -> running, lie -> lying, glide -> gliding."""
    if lemma.endswith("ie"):
        return lemma[:-2] + "ying"
    if lemma.endswith("e") and not lemma.endswith(("ee", "oe", "ye")) and lemma != "be":
        return lemma[:-1] + "ing"
    return _doubled(lemma) + "ing"


_DOUBLE = frozenset("begin forget shovel travel trim".split()) - {"shovel", "travel"}


def _doubled(lemma: str) -> str:
    vowels = "aeiou"
    short = (
        len(lemma) >= 3
        and lemma[-1] not in vowels + "wxy"
        and lemma[-2] in vowels
        and (lemma[-3] not in vowels or lemma[-3:-1] in ("ui",))
    )
    one_syllable = sum(
        a in vowels and b not in vowels for a, b in zip(lemma, lemma[1:] + "x", strict=True)
    )
    return lemma + lemma[-1] if short and (one_syllable <= 1 or lemma in _DOUBLE) else lemma
