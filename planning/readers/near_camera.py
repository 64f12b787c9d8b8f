"""The camera of a plan that is almost ours."""

from collections.abc import Mapping

from .boxes import as_number
from .cameras import read_camera, read_speed
from .near_fields import CAMERA_FIELDS, fields_of

_CLOSED = ("static", "left", "right", "up", "down", "zoom_in", "zoom_out")


def near_camera(value: object, own: bool) -> object:
    """Return a camera as a plan has it, from words or an object; what is neither as it is."""
    if isinstance(value, str):
        # What is not understood is told of as a direction, with those that there are.
        return read_camera(value, told=True) or {"direction": value}
    if not isinstance(value, Mapping):
        return value
    camera = fields_of(value, CAMERA_FIELDS, own)
    direction, speed = camera.get("direction"), camera.get("speed")
    if isinstance(direction, str) and direction not in _CLOSED:
        read = read_camera(direction, told=True)
        camera["direction"] = read.get("direction", direction)
        if read and any(word in direction.lower() for word in ("slow", "fast", "quick")):
            camera.setdefault("speed", read["speed"])
    if "strength" in camera and (strength := as_number(camera["strength"])) is not None:
        camera["strength"] = strength
    if isinstance(speed, str):
        camera["speed"] = read_speed(speed) or speed
    return camera
