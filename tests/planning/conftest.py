"""A sound plan as plain data, which tests change in one place or another."""

import pytest


def sound_plan() -> dict:
    """Two scenes that use every field of a plan."""
    return {
        "version": 1,
        "prompt": "A corgi runs through a park. Then the corgi meets a café owner.",
        "fps": 8,
        "width": 512,
        "height": 320,
        "entities": [
            {"id": "corgi", "name": "a corgi", "kind": "foreground", "description": "red fur"},
            {
                "id": "owner",
                "name": "Çağla, a café owner",
                "kind": "foreground",
                "description": "",
                "reference_image": "people/owner.png",
            },
            {"id": "park", "name": "a park", "kind": "background", "description": "trees"},
        ],
        "scenes": [
            {
                "id": "run",
                "prompt": "A corgi runs through a park.",
                "frames": 8,
                "background": "park",
                "entities": ["corgi"],
                "layout": [
                    {
                        "frame": 0,
                        "boxes": {"corgi": [0.05, 0.5, 0.3, 0.8], "park": [0, 0, 1, 1]},
                        "caption": "the corgi starts",
                    },
                    {"frame": 7, "boxes": {"corgi": [0.65, 0.5, 0.9, 0.8]}},
                ],
                "camera": {"direction": "right", "speed": "slow"},
                "action": {"walking the dog": 0.75},
                "layout_strength": 0.25,
                "seed": 18446744073709551615,
                "locked": True,
            },
            {
                "id": "meet",
                "prompt": "The corgi meets a café owner.",
                "frames": 2,
                "frame_prompts": ["They look.", "They smile."],
                "entities": ["corgi", "owner"],
                "layout": [
                    {"frame": 1, "boxes": {"corgi": [0, 0.5, 0.25, 1], "owner": [0.5, 0, 1, 1]}}
                ],
            },
        ],
    }


@pytest.fixture
def plan_data() -> dict:
    """A fresh sound plan, to be changed by the test."""
    return sound_plan()
