"""Words for where and when a scene takes place: what becomes the background."""


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


PLACES = _set(
    "meadow field farm farmland pasture prairie savanna savannah grassland plain plains garden"
    " backyard yard lawn park playground forest woods wood jungle rainforest swamp marsh desert"
    " dune"
    " dunes oasis beach coast shore seashore seaside coastline bay harbor harbour port dock pier"
    " sea ocean lake pond river stream creek brook waterfall canal lagoon reef seabed waterhole"
    " mountain mountains hill hills hillside valley canyon cliff cliffs cave cavern glacier slope"
    " volcano-side island countryside village town city downtown suburb street road roadside"
    " highway"
    " freeway lane alley avenue boulevard path trail sidewalk pavement crosswalk intersection"
    " square"
    " plaza market marketplace mall supermarket store shop bakery cafe café restaurant bar pub"
    " diner"
    " kitchen bedroom bathroom livingroom room hall hallway corridor basement attic garage workshop"
    " office classroom school university campus library museum gallery theater theatre cinema stage"
    " stadium arena gym pool court rink racetrack track airport runway station platform tunnel"
    " subway-station factory warehouse laboratory lab hospital church-yard cemetery graveyard"
    " prison"
    " zoo circus aquarium-hall amusement fairground carnival festival vineyard orchard greenhouse"
    " barnyard stable sky clouds space galaxy universe orbit mars moon-surface planet earth"
    " underwater ground floor grass snow sand mud ice rooftop roof balcony terrace porch deck"
    " courtyard staircase stairs lobby hotel-room living-room dining-room playroom nursery studio"
    " backstage battlefield ruins kingdom wonderland dreamland world wilderness tundra iceberg"
    " puddle puddles parking-lot lot driveway bus-stop stop campsite camp clearing glade riverbank"
    " bank lakeside fjord horizon heaven hell dungeon throne-room ballroom chapel skyline landscape"
    " scenery background rain storm fog mist darkness water sunset-sky woodland flowerbed saloon"
    " cornfield burrow den lair riverside tavern bookstore gymnasium spaceport wheatfield"
)
# These name a thing as often as a place: a place after "in", "at", "through", a thing otherwise.
ENTERABLE = _set(
    "house cottage cabin castle palace church cathedral temple mosque barn farmhouse hut shed tower"
    " hospital hotel mansion building skyscraper lighthouse igloo treehouse tent bridge pyramid"
    " windmill mill"
)
# A ground that motion crosses but that is no thing to draw.
TIMES = _set(
    "night nighttime day daytime morning evening afternoon noon midday midnight dusk dawn sunset"
    " sunrise twilight nightfall daybreak winter summer spring autumn fall moonlight sunlight"
    " starlight rain snow storm thunderstorm snowstorm blizzard fog mist wind breeze sunshine"
    " christmas halloween easter springtime wintertime summertime moonlit"
)
WEATHER_SUBJECTS = _set(
    "steam smoke dust spray sparks flames rain snow night darkness fog mist wind storm thunder"
    " dusk dawn"
)
PLACE_PREPOSITIONS = _set(
    "in on at by through across over along near under into onto around inside within beside above"
    " down up to toward towards from outside past among behind amid throughout against below"
    " beneath"
    " off beyond between underneath alongside upon out atop about during before with"
)
# A place after one of these is where the whole scene is.
INSIDE_PREPOSITIONS = _set("in at inside within through across along throughout around into amid")
