"""Nouns with a class: what the planner knows about how big a thing is and where it belongs.

An unknown noun is an ordinary object of medium size; the lists only improve on that.
"""


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


MALE = _set(
    "man boy king prince father dad daddy grandpa grandfather son brother uncle nephew husband"
    " grandson wizard knight monk waiter actor cowboy fisherman businessman policeman fireman"
    " snowman gentleman guy groom hero sorcerer santa postman sailor pirate mailman emperor lord"
    " bull rooster stallion"
)
FEMALE = _set(
    "woman girl queen princess mother mom mommy grandma grandmother daughter sister aunt niece wife"
    " granddaughter witch fairy nun waitress actress lady bride heroine mermaid ballerina goddess"
    " businesswoman policewoman empress hen cow mare nurse"
)
PERSON = (
    MALE
    | FEMALE
    | _set(
        "person people child kid baby toddler infant teenager teen adult human friend neighbor"
        " stranger traveler traveller tourist hiker climber runner jogger swimmer surfer diver"
        " skier"
        " skater skateboarder snowboarder cyclist biker rider driver pilot astronaut captain"
        " soldier"
        " guard police officer detective thief firefighter doctor patient teacher student pupil"
        " scientist engineer mechanic worker builder carpenter farmer gardener shepherd hunter chef"
        " cook baker barista bartender butcher courier cashier shopkeeper artist painter sculptor"
        " musician singer guitarist drummer pianist violinist dancer acrobat juggler clown magician"
        " performer player footballer goalkeeper golfer boxer wrestler gymnast athlete dentist"
        " judge lawyer reporter photographer writer reader author poet audience crowd couple family"
        " twin ninja samurai warrior viking archer elf dwarf giant ghost angel zombie vampire"
        " skeleton alien robot android monster ogre troll goblin mummy barber hairdresser tailor"
        " villager citizen pedestrian passenger shopper customer visitor guest spectator grandson"
        " sibling parent grandparent cousin boss president mayor superhero spy explorer"
    )
)
ANIMAL_LARGE = _set(
    "elephant giraffe hippo hippopotamus rhino rhinoceros whale dinosaur dragon mammoth orca camel"
    " buffalo bison moose t-rex"
)
ANIMAL = ANIMAL_LARGE | _set(
    "animal pet dog puppy cat kitten horse pony foal cow bull calf sheep lamb goat pig piglet"
    " donkey mule zebra deer fawn bear cub lion tiger leopard cheetah panther jaguar wolf fox"
    " coyote monkey gorilla chimpanzee ape baboon kangaroo koala panda rabbit bunny hare squirrel"
    " beaver raccoon skunk badger mole bat mouse rat hamster guinea-pig corgi poodle retriever"
    " labrador beagle bulldog husky dachshund terrier shepherd-dog chihuahua dalmatian turtle"
    " tortoise crocodile alligator lizard snake frog toad dolphin shark seal octopus squid crab"
    " lobster jellyfish starfish creature beast unicorn wildcat lynx sloth tapir"
)
ANIMAL_SMALL = _set(
    "mouse rat hamster frog toad bee butterfly dragonfly firefly ant spider fly mosquito ladybug"
    " caterpillar worm snail grasshopper cricket moth wasp bug insect chick goldfish kitten puppy"
    " duckling mole bat"
)
BIRD = _set(
    "bird birds pigeon dove sparrow crow raven owl eagle hawk falcon vulture seagull gull parrot"
    " swan goose duck chicken rooster hen turkey peacock penguin ostrich stork heron crane"
    " hummingbird robin woodpecker swallow canary kingfisher magpie cockatoo flamingo duckling"
)
FISH = _set("fish goldfish salmon tuna trout shark dolphin whale jellyfish octopus squid seahorse")
FLYER = BIRD | _set(
    "airplane plane aeroplane jet helicopter drone bee butterfly dragonfly moth bat kite balloon"
    " ufo rocket spaceship spacecraft glider parachute blimp airship satellite firefly bubble"
    " mosquito ladybug fairy angel paraglider snowflake starship shuttle biplane zeppelin"
)
SKY = _set("sun moon cloud rainbow comet meteor firework fireworks lightning constellation")
VEHICLE = _set(
    "car bus truck van taxi cab jeep lorry motorcycle motorbike bicycle bike scooter tractor train"
    " locomotive tram ambulance carriage wagon cart sled sleigh tank limousine sedan pickup"
    " racecar minivan trailer snowmobile skateboard subway vehicle trolley"
)
BOAT = _set(
    "boat ship sailboat canoe raft yacht ferry submarine speedboat rowboat gondola barge motorboat"
    " cruise-ship steamboat vessel"
)
TALL = _set(
    "tree pine oak palm lighthouse tower skyscraper lamp lamppost streetlight flagpole chimney"
    " bottle vase candle statue fountain windmill rocket giraffe sunflower ladder umbrella door"
    " wardrobe fridge refrigerator clock column pillar mast pole pencil guitar violin flag trunk"
    " broom candlestick signpost tulip stalk"
)
WIDE = _set(
    "sofa couch bed bench table desk piano bridge fence wall crocodile alligator snake shelf boat"
    " rug carpet keyboard caterpillar log plank counter hedge bathtub sidewalk surfboard train bus"
    " lizard submarine dragon whale shark airplane plane jet skateboard"
)
BUILDING = _set(
    "house cottage cabin castle palace church cathedral temple mosque tower barn farmhouse"
    " skyscraper building hut shed tent lighthouse windmill mill hospital hotel mansion pyramid"
    " igloo treehouse pagoda bridge"
)
LARGE_THING = BUILDING | _set(
    "tree mountain hill volcano whale ship tank train bus truck piano oak"
)
MOBILE = (
    VEHICLE
    | BOAT
    | _set(
        "horse pony camel donkey elephant dragon surfboard broom airplane plane helicopter"
        " spaceship"
        " rocket balloon glider jet carpet whale dolphin"
    )
)
FURNITURE = _set(
    "table desk chair sofa couch bed bench shelf bookshelf cupboard cabinet wardrobe stool armchair"
    " counter drawer crib cradle throne rug carpet mat pillow cushion blanket lamp mirror fridge"
    " refrigerator oven stove sink bathtub toilet television tv computer laptop monitor piano"
)
SMALL_THING = _set(
    "ball coin key ring cup mug glass spoon fork knife plate bowl egg apple orange banana lemon"
    " lime"
    " strawberry cherry grape peach pear plum tomato potato carrot onion mushroom cookie cupcake"
    " donut doughnut muffin candy lollipop nut acorn berry leaf feather pebble shell marble dice"
    " button pen pencil crayon eraser phone watch hat cap shoe boot glove sock envelope letter"
    " flower rose tulip daisy toy candle bubble snowball wand bone cube pea bean pin needle thimble"
    " raindrop snowflake pill seed stamp battery camera remote wallet purse soap toothbrush"
)
CONTAINER = _set(
    "box basket bag cup mug glass bowl jar bottle bucket cage crate drawer suitcase backpack pot"
    " pan"
    " vase tank aquarium pocket envelope nest barrel chest cart wagon car bus boat hat clock"
    " cupboard fridge oven sink bathtub tub bathtub tin can trunk wardrobe shoe boot pouch tent"
    " cradle crib bed chair armchair sofa mirror window door book wheelchair helmet shell bubble"
    " egg truck van taxi train airplane plane helicopter spaceship canoe submarine rocket balloon"
)
PARTITIVE = _set(
    "glass cup mug bottle bowl plate jar pot bucket basket box bag slice piece pile stack stick bar"
    " loaf can tin pack block cube drop puff ball bouquet wreath tray spoonful sheet barrel heap"
    " ray beam trail wall field-of carton"
)
SHAPE = _set("ball box star cube square circle triangle heart ring cross diamond sphere cone")
THING = _set(
    "kite umbrella book newspaper map flag bell drum trumpet guitar violin piano flute hammer saw"
    " rope ladder wheel tire engine anchor treasure chest crown sword shield bow arrow spear gun"
    " cannon bomb rocket robot doll teddy puppet balloon gift present cake pie pizza burger"
    " hamburger sandwich bread cheese salad soup noodles rice pasta sushi steak pumpkin corn"
    " cabbage"
    " watermelon pineapple coconut melon cactus bush fern bamboo grass wheat hay log branch twig"
    " stump trunk rock stone boulder sandcastle snowman statue fountain well mailbox lamp lantern"
    " sign signpost billboard traffic-light door window gate fence wall chimney clock radio"
    " telescope microscope football basketball volleyball baseball bat racket net goal surfboard"
    " skis snowboard swing slide seesaw trampoline carousel ferris-wheel roller-coaster ramp wrench"
    " screwdriver shovel rake axe broom mop vacuum cleaner machine toolbox plant pot flowerpot"
    " wreath ornament candy-cane sleigh fire campfire bonfire torch flame laptop dish tray meal"
    " coffee tea milk juice wine beer water ice-cream wave pond-lily lily sunflower burrow nest"
    " hive web trap cage leash collar saddle carpet curtain desk light lights building painting"
    " wedding-cake furniture fruit vegetable vegetables popcorn sausage hotdog pancake waffle tape"
    " brick bricks puzzle chess card cards kettle scarf pillow volcano island bridge escalator"
    " elevator sculpture turbine parachute ice cream egg eggs petal petals footprint drop drops"
)
MARKING = _set("band dot stripe spot patch speckle streak blotch")
CLOTHING = _set(
    "hat cap coat jacket raincoat dress skirt shirt t-shirt suit uniform costume scarf glove gloves"
    " sunglasses glasses helmet crown mask cape cloak robe boots shoes sneakers sandals pants jeans"
    " trousers shorts sweater hoodie apron tie bowtie necklace earring earrings bracelet belt"
    " collar"
    " bandana hood vest armor armour pajamas kimono gown wig spots stripes spacesuit swimsuit tutu"
    " goggles headphones ribbon bow backpack"
)
BODY = _set(
    "hand hands arm arms leg legs foot feet head face eye eyes ear ears nose mouth lip lips tongue"
    " tooth teeth hair beard mustache moustache tail tails wing wings paw paws claw claws beak horn"
    " horns mane fur feathers skin shell shoulder shoulders back neck chest belly finger fingers"
    " toe"
    " toes knee knees whiskers trunk-of fin fins body breath smile grin leaves branches petals"
    " roof-of wheels sails antlers tusks scales freckles ponytail braids stripes spots"
)
ANIMATE = PERSON | ANIMAL | BIRD | FISH
CLASS_NAMES = {
    "animal": ANIMAL | BIRD | FISH | ANIMAL_SMALL,
    "creature": ANIMAL | BIRD | FISH | ANIMAL_SMALL | PERSON,
    "pet": ANIMAL | BIRD | FISH,
    "bird": BIRD,
    "vehicle": VEHICLE | BOAT,
    "person": PERSON,
    "insect": ANIMAL_SMALL,
    "aircraft": FLYER,
    "puppy": _set("dog corgi poodle retriever labrador beagle bulldog husky dachshund terrier"),
    "dog": _set(
        "puppy corgi poodle retriever labrador beagle bulldog husky dachshund terrier chihuahua"
        " dalmatian"
    ),
    "kitten": _set("cat"),
    "cat": _set("kitten"),
    "bike": _set("bicycle motorbike motorcycle"),
    "plane": _set("airplane aeroplane jet"),
    "boat": BOAT,
    "ship": BOAT,
    "car": _set("taxi cab sedan racecar jeep limousine"),
    "building": BUILDING,
    "kid": _set("child boy girl toddler"),
    "child": _set("kid boy girl toddler"),
}
KNOWN = (
    PERSON | ANIMAL | ANIMAL_SMALL | BIRD | FISH | FLYER | SKY | VEHICLE | BOAT | TALL | WIDE
    | BUILDING | LARGE_THING | FURNITURE | SMALL_THING | CONTAINER | SHAPE | THING | CLOTHING
)  # fmt: skip
