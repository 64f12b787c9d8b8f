"""Seeds of scenes: each its own, none changed by what happens to another scene."""

import hashlib


def scene_seed(seed: int, scene_id: str, own: int | None = None) -> int:
    """Noise seed of one scene.

    Derived from the scene's id rather than its place, so that moving, adding or editing another
    scene leaves this one's pictures alone.

    Args:
        seed: the seed of the whole video.
        scene_id: the scene's id.
        own: the seed the plan gives this scene, which then wins.

    Returns:
        A number in [0, 2**48) when derived, which every frontend can show exactly.
    """
    if own is not None:
        return own
    digest = hashlib.sha256(f"{seed}:{scene_id}".encode()).digest()
    return int.from_bytes(digest[:6], "big")


def take_seed(seed: int, scene_id: str, number: int) -> int:
    """Noise seed of one more take of a scene.

    Args:
        seed: the scene's own, which its first take has.
        scene_id: the scene's id.
        number: of the take, from 1.
    """
    return seed if number == 1 else scene_seed(seed, f"{scene_id} take {number}")
