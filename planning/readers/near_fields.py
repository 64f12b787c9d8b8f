"""The names that language models give to the fields of a plan."""

import re
from collections.abc import Iterator, Mapping

# Of several names for one field the first that is there counts.
PLAN_FIELDS: Mapping[str, tuple[str, ...]] = {
    "version": ("version",),
    "prompt": ("prompt", "user_prompt", "input_prompt", "video_prompt", "overall_prompt"),
    "fps": ("fps", "frame_rate", "framerate", "frames_per_second"),
    "width": ("width",),
    "height": ("height",),
    "size": ("resolution", "size", "dimensions"),
    "entities": ("entities", "entity", "characters", "cast", "objects", "subjects", "elements"),
    "backgrounds": ("backgrounds", "locations", "settings", "environments"),
    "scenes": ("scenes", "shots", "segments", "clips", "scene_list", "storyboard"),
}
ENTITY_FIELDS: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "entity_id", "slug", "key"),
    "name": ("name", "entity", "entity_name", "label", "title"),
    "kind": ("kind", "type", "category", "role", "layer"),
    "description": ("description", "appearance", "details", "visual_description", "desc"),
    "reference_image": ("reference_image",),
    "box": ("box", "bbox", "bounding_box"),
}
SCENE_FIELDS: Mapping[str, tuple[str, ...]] = {
    "id": (
        "id",
        "scene_id",
        "scene",
        "scene_number",
        "number",
        "shot",
        "shot_number",
        "index",
        "name",
    ),
    "prompt": (
        *("prompt", "scene_prompt", "description", "scene_description", "visual_description"),
        *("visual", "visuals", "event", "text", "content", "caption"),
    ),
    "frames": ("frames", "num_frames", "frame_count", "n_frames", "total_frames", "length"),
    "frame_prompts": ("frame_prompts", "frame_descriptions", "framePrompts", "frames_prompts"),
    "background": ("background", "setting", "location", "environment", "background_entity"),
    "entities": (
        *("entities", "foreground", "foregrounds", "foreground_entities", "characters", "objects"),
        *("subjects", "entity_ids", "cast", "elements"),
    ),
    "layout": (
        *("layout", "keyframes", "key_frames", "layouts", "boxes", "bounding_boxes", "bboxes"),
        "entity_layouts",
    ),
    "camera": ("camera", "camera_motion", "camera_movement", "camera_move", "camera_moves"),
    "action": ("action", "actions"),
    "layout_strength": ("layout_strength", "alpha"),
    "seed": ("seed",),
    "locked": ("locked",),
}
KEYFRAME_FIELDS: Mapping[str, tuple[str, ...]] = {
    "frame": ("frame", "frame_index", "index", "frame_number", "keyframe", "frame_id", "at", "id"),
    "boxes": ("boxes", "layout", "entities", "objects", "bounding_boxes", "bboxes", "box"),
    "caption": ("caption", "description", "prompt", "text"),
}
BOX_FIELDS: Mapping[str, tuple[str, ...]] = {
    "name": ("entity", "id", "entity_id", "name", "label", "object"),
    "box": ("box", "bbox", "bounding_box", "coordinates", "position", "rect"),
}
CAMERA_FIELDS: Mapping[str, tuple[str, ...]] = {
    "direction": ("direction", "movement", "move", "motion", "type", "camera_movement"),
    "speed": ("speed", "pace"),
    "strength": ("strength",),
    "path": ("path",),
}
_LEAST, _MOST = 5, 30  # letters of a name that slips are looked for in
_NAMES = frozenset(
    name
    for part in (PLAN_FIELDS, ENTITY_FIELDS, SCENE_FIELDS, KEYFRAME_FIELDS, CAMERA_FIELDS)
    for names in part.values()
    for name in names
)
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_COUNT = re.compile(r"(\d{1,20})\s{0,3}(?:fps|frames?|px|pixels)?", re.IGNORECASE)
_GAP = re.compile(r"[\s-]+")


def fields_of(
    part: Mapping[str, object], names: Mapping[str, tuple[str, ...]], own: bool
) -> dict[str, object]:
    """Return the fields of a part of a plan by our names.

    Args:
        part: as it was written.
        names: our field to the names it may have.
        own: the document is in our format: then only our names count and nothing is left out.
            Else what a plan has no room for (a mood, a title) is left out; a name that looks like
            a slip of the pen stays, to be told of.
    """
    if own:
        return dict(part)
    given = {_plain(key): value for key, value in part.items()}
    result: dict[str, object] = {}
    used = set()
    for field, synonyms in names.items():
        there = [name for name in synonyms if name in given and name not in used]
        if there:
            result[field] = given[there[0]]
            # A second name for a field tells it again, in more or in fewer words.
            used |= set(there)
    slips = {key: given[key] for key in given if key not in used and _is_slip(key)}
    return {key: value for key, value in (result | slips).items() if value is not None}


def _is_slip(key: str) -> bool:
    """Tell whether a key is one letter away from a name that is known."""
    if key in _NAMES:
        return False
    return _LEAST <= len(key) <= _MOST and not _NEAR.isdisjoint(_cuts(key))


def _cuts(word: str) -> set[str]:
    """Return a word and what it is without any one of its letters."""
    return {word, *(word[:at] + word[at + 1 :] for at in range(len(word)))}


_NEAR = frozenset(cut for name in _NAMES if len(name) >= _LEAST for cut in _cuts(name))


def listed(value: object) -> Iterator[tuple[str | None, object]]:
    """Yield the parts of a list, or of a dictionary with their names."""
    if isinstance(value, Mapping):
        yield from ((str(name), item) for name, item in value.items())
    elif isinstance(value, list):
        yield from ((None, item) for item in value)


def whole(value: object) -> object:
    """Return the whole number that "16", "16 frames" or 16.0 is; anything else as it is."""
    if isinstance(value, str) and (match := _COUNT.fullmatch(value.strip())):
        return int(match.group(1))
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _plain(key: object) -> str:
    return _GAP.sub("_", _HUMP.sub("_", str(key).strip())).lower()
