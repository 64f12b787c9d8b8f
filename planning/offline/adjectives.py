"""Adjectives: colours, sizes, and the words that may stand before a noun or after "is"."""


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


COLOURS = _set(
    "red orange yellow green blue purple violet pink brown black white gray grey golden gold silver"
    " beige cyan magenta turquoise teal navy maroon scarlet crimson lavender indigo tan cream ivory"
    " bronze amber colorful colourful multicolored multicoloured rainbow-colored olive lime"
)
# Side length relative to an object of normal size.
SCALES = {
    "tiny": 0.62,
    "minuscule": 0.6,
    "miniature": 0.62,
    "little": 0.78,
    "small": 0.72,
    "smaller": 0.72,
    "mini": 0.7,
    "baby": 0.8,
    "young": 0.9,
    "big": 1.25,
    "bigger": 1.3,
    "large": 1.28,
    "larger": 1.3,
    "great": 1.2,
    "tall": 1.15,
    "giant": 1.5,
    "huge": 1.5,
    "enormous": 1.5,
    "gigantic": 1.55,
    "massive": 1.5,
    "colossal": 1.55,
    "towering": 1.4,
    "immense": 1.5,
    "vast": 1.4,
    "oversized": 1.4,
}
COMPARATIVES = {
    "bigger": 1.4,
    "larger": 1.4,
    "taller": 1.35,
    "smaller": 0.7,
    "shorter": 0.75,
    "tinier": 0.65,
    "huger": 1.5,
}
MATERIALS = _set(
    "wooden metal metallic plastic glass stone brick concrete leather paper cardboard rubber"
    " cotton silk woolen woollen ceramic porcelain marble steel iron copper brass clay velvet"
    " crystal icy snowy sandy muddy rocky grassy"
)
ADJECTIVES = (
    COLOURS
    | MATERIALS
    | frozenset(SCALES)
    | frozenset(COMPARATIVES)
    | _set(
        "old new young ancient modern antique vintage classic fresh rusty dusty dirty clean shiny"
        " bright dark pale deep light vivid neon glowing sparkling dim dull clear cloudy sunny"
        " rainy"
        " foggy misty stormy windy snowy starry moonlit sunlit dry wet damp soaked hot cold warm"
        " cool frozen icy burning long short tall wide narrow thick thin flat round square"
        " rectangular triangular oval circular spherical pointed sharp blunt curved straight"
        " crooked twisted bent broken cracked torn worn ragged tattered patched smooth rough soft"
        " hard fluffy furry hairy bald spiky fuzzy feathered striped spotted dotted checkered plain"
        " patterned painted carved fat slim skinny chubby plump thin muscular strong weak heavy"
        " light-weight fast slow quick speedy rapid calm quiet loud noisy silent peaceful gentle"
        " wild tame happy sad angry sleepy tired bored excited scared afraid frightened nervous"
        " brave curious hungry thirsty lazy busy playful cheerful grumpy shy proud lonely friendly"
        " kind mean evil good bad clever smart wise silly funny crazy weird strange odd mysterious"
        " magical enchanted haunted spooky scary creepy cute adorable pretty beautiful handsome"
        " ugly lovely gorgeous elegant fancy majestic graceful noble royal rich poor famous lost"
        " hidden secret empty full open closed crowded abandoned deserted lush dense barren bare"
        " leafy flowery blooming blossoming ripe juicy sweet sour bitter spicy delicious tasty raw"
        " cooked fried baked roasted steaming boiling melting delicate fragile tiny lively moving"
        " flying walking running swimming sleeping sitting standing smiling laughing crying"
        " realistic cinematic dramatic cozy cosy rustic rural urban suburban tropical arctic polar"
        " northern southern eastern western local foreign american african asian european japanese"
        " chinese french italian indian english mexican siamese persian medieval futuristic"
        " retro steampunk electric electronic digital mechanical robotic nuclear solar lunar"
        " wild domestic stray injured sick healthy blind deaf pregnant elderly middle-aged grown-up"
        " adult male female single double triple whole entire half main only same different similar"
        " identical unique special common rare usual normal ordinary extraordinary amazing"
        " incredible wonderful terrible horrible perfect simple complex easy difficult important"
        " dangerous safe deadly poisonous venomous toxic invisible visible transparent translucent"
        " opaque upside-down asleep awake alive dead alone ready able absent present gone missing"
        " early late final last next previous upper lower top left right middle nearby distant far"
        " close near high low inner outer front rear bushy curly wavy blonde blond cheeky naughty"
        " tall two-headed three-legged long-haired short-haired fierce mighty tough humble gloomy"
        " serene tranquil bustling vibrant festive romantic solitary lone stylish casual formal"
        " worried confused surprised shocked amused delighted joyful gleeful merry jolly eager"
        " loyal faithful gentle caring loving beloved favorite favourite spare extra fallen sunken"
        " floating hanging open-air indoor outdoor top-down parked snow-covered snow-capped"
        " high-tech oversize overgrown weathered crisp crunchy creamy foamy bubbly fizzy sticky"
        " slippery slimy gooey bumpy uneven steep shallow endless infinite parallel vertical"
        " horizontal diagonal upright horned winged humanoid armored armoured wise holy"
    )
)
PREDICATE_ONLY = _set("asleep awake alive alone afraid ready able absent present gone missing")
