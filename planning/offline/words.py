"""The closed classes of English: what is not in these lists or the verb list may name a thing."""


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


ARTICLES = _set("a an the")
DEMONSTRATIVES = _set("this that these those")
POSSESSIVES = _set("my your his her its our their whose")
QUANTIFIERS = _set(
    "some any no every each all both several many few various numerous countless multiple lots"
    " plenty another other most enough either neither more much single"
)
DETERMINERS = ARTICLES | DEMONSTRATIVES | POSSESSIVES | QUANTIFIERS

PRONOUNS = _set(
    "i you he she it we they me him us them himself herself itself themselves each-other"
    " someone somebody everyone everybody anyone nobody something everything anything nothing"
    " mine yours hers ours theirs one-another"
)
PERSONAL = _set("he she it they him her them himself herself itself themselves")
RELATIVES = _set("who whom which that whose")
QUESTION_WORDS = _set("what where when why how whether")

PREPOSITIONS = _set(
    "about above across after against along alongside amid amidst among amongst around as at atop"
    " before behind below beneath beside besides between beyond by despite down during except for"
    " from in inside into like near nearby of off on onto opposite out outside over past per round"
    " since through throughout till to toward towards under underneath until up upon via with"
    " within without plus minus than"
)
CONJUNCTIONS = _set("and or but nor so yet & while whilst because although though unless if")
BE = _set("am is are was were be been being")
AUXILIARIES = BE | _set(
    "do does did has have had having can could will would shall should may might must not never"
    " cannot let"
)
NEGATIONS = _set("not never no cannot without")

NUMBERS = {
    word: value
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen"
        " fifteen sixteen seventeen eighteen nineteen twenty".split()
    )
} | {"thirty": 30, "forty": 40, "fifty": 50, "hundred": 100, "thousand": 1000, "twin": 2, "both": 2}
ORDINALS = {
    word: place
    for place, word in enumerate("first second third fourth fifth sixth seventh".split(), 1)
}
# How many boxes a vague quantity is drawn with.
VAGUE_COUNTS = {
    "several": 4,
    "few": 3,
    "some": 3,
    "many": 6,
    "various": 4,
    "numerous": 6,
    "countless": 8,
    "multiple": 4,
    "lots": 6,
    "plenty": 6,
    "these": 3,
    "those": 3,
    "all": 3,
}
# "a pair of shoes": how many of the following noun.
GROUP_COUNTS = {
    "pair": 2,
    "couple": 2,
    "duo": 2,
    "trio": 3,
    "handful": 4,
    "dozen": 12,
    "group": 4,
    "bunch": 4,
    "flock": 5,
    "herd": 5,
    "pack": 4,
    "crowd": 6,
    "swarm": 6,
    "school": 5,
    "number": 4,
    "lot": 6,
    "lots": 6,
    "plenty": 6,
    "family": 4,
    "team": 4,
    "row": 4,
    "line": 4,
    "set": 3,
    "litter": 4,
    "fleet": 4,
    "colony": 5,
    "gang": 4,
    "band": 4,
    "host": 5,
    "hundreds": 8,
    "dozens": 8,
    "thousands": 8,
}
# Any plural without a number.
PLURAL_COUNT = 3

ADVERBS = _set(
    "very quite rather too so really extremely almost just only also even again still already"
    " always often sometimes soon now here there everywhere somewhere away back forth ahead"
    " together apart alone aside upstairs downstairs indoors outdoors outside overhead far near"
    " nearby fast hard high low straight well instead maybe perhaps once twice first then later"
    " next finally afterwards afterward meanwhile suddenly eventually lastly else forward forwards"
    " backward backwards upward upwards downward downwards leftward leftwards rightward rightwards"
    " sideways overboard downhill uphill downstream today tonight tomorrow yesterday ever home"
    " abroad please yes ok okay hello"
    " halfway midway"
)
# -ly words that describe things.
LY_ADJECTIVES = _set(
    "lively friendly lovely ugly silly curly fluffly lonely elderly early daily woolly jolly holy"
    " smelly scaly hilly wobbly bubbly cuddly ghostly lowly sparkly pearly prickly wrinkly oily"
    " deadly heavenly chilly"
)
LY_NOUNS = _set("butterfly dragonfly firefly family jelly lily belly bully italy july fly ally")

# "a video of …": words that talk about the video, not about what it shows.
FRAME_NOUNS = _set(
    "video videos clip scene scenes shot shots footage movie film animation picture image frame"
    " screen view photo photograph gif render rendering timelapse time-lapse sequence illustration"
    " painting-of close-up closeup cartoon story tale documentary trailer animation vlog"
    " screenshot canvas story-about montage depiction footage-of recording frames half panorama"
)
# A noun of this list is never drawn.
ABSTRACT = _set(
    "time times moment minute second hour day days night week month year morning evening afternoon"
    " noon midnight dusk dawn sunset sunrise twilight spring summer autumn winter fall today"
    " background foreground middle center centre left right top bottom side sides half end start"
    " beginning edge corner part way direction distance speed motion style mood atmosphere color"
    " colors colour colours detail details quality resolution lighting light sunlight moonlight"
    " daylight shadow shadows sound sounds music song noise silence voice fun joy love fear anger"
    " peace happiness sadness friendship adventure journey trip idea thought thoughts life death"
    " work job attention help hope luck truth secret dream dreams memory story game match race air"
    " space place places lot lots kind sort type bit piece one ones other others thing things"
    " rest everything it angle focus perspective camera lens weather breeze wind rain sleep"
    " slow-motion motion-blur bokeh fps hd uhd 4k 8k breakfast lunch dinner supper meal hunger"
    " goodbye hello surprise home front back world universe life conversation talk trick tricks"
    " flip"
    " pose step steps turn turns nap bath shower walk ride swim run jump dance look glance rush"
    " hurry search chase fight flight sight control balance shape form size height width depth"
    " circle circles sense order case fact reason result cause effect chance problem news name"
    " friend-ship power energy heat cold warmth darkness emptiness beauty magic fashion culture"
    " history school-day party-time age youth childhood manner trouble danger safety victory peace"
    " exercise yoga training homework fps halfway midpoint presence absence scenery surroundings"
    " environment landscape setting attempt effort break rhythm beat tune melody smell taste"
    " feeling"
    " laughter tears smile smiles kiss hug wave-hello tilt zoom unison turn pace amazement joy"
    " soccer tennis hockey golf cricket rugby spell"
    " pm am bend curve fps oclock excitement delight search-of opposite total arrival departure"
    " appearance"
    " disappearance"
)
