"""Workflows in API form that the end-to-end tests of the nodes queue."""

import json

LOADER = "VideoDirectorLoadMiniature"


def plan_text(prompts, *, frames=2, fps=8, ids=None):
    """JSON of a plan with one scene per prompt, of the miniature's size."""
    scenes = [
        {"id": ids[number] if ids else f"s{number}", "prompt": prompt, "frames": frames}
        for number, prompt in enumerate(prompts)
    ]
    size = {"width": 128, "height": 128}
    return json.dumps(
        {"version": 1, "prompt": ". ".join(prompts), "fps": fps, **size, "scenes": scenes}
    )


def render_inputs(**changes):
    """Widgets of Render Plan, few steps."""
    inputs = {
        "seed": 1,
        "steps": 3,
        "cfg": 4.0,
        "sampler_name": "euler",
        "scheduler": "normal",
        "width": 0,
        "height": 0,
        "negative": "",
        "noise": "same_for_all_frames",
        "mapping_order": "rotational",
        "mapping_period": 0,
        "mapping_start_percent": 0.0,
        "mapping_end_percent": 1.0,
        "mapping_layers": "decoder",
    }
    return {**inputs, **changes}


def render_job(text, **changes):
    """Parse a plan, render it, join the scenes, save the frames and the video."""
    return {
        "load": {"class_type": LOADER, "inputs": {}},
        "plan": {"class_type": "VideoDirectorParsePlan", "inputs": {"text": text}},
        "render": {
            "class_type": "VideoDirectorRenderPlan",
            "inputs": {
                "model": ["load", 0],
                "clip": ["load", 1],
                "vae": ["load", 2],
                "plan": ["plan", 0],
                **render_inputs(**changes),
            },
        },
        "join": {
            "class_type": "VideoDirectorJoinScenes",
            "inputs": {"clips": ["render", 0], "fps": 0.0},
        },
        "frames": {
            "class_type": "SaveImage",
            "inputs": {"images": ["join", 0], "filename_prefix": "frames"},
        },
        "video": {
            "class_type": "SaveVideo",
            "inputs": {
                "video": ["join", 1],
                "filename_prefix": "video",
                "format": "mp4",
                "codec": "h264",
            },
        },
    }


def rendered_steps(result):
    """Scene id to the steps of its chain that really ran, from the server's events."""
    steps = {}
    for node_id in result.executed:
        parts = node_id.split(".")
        if len(parts) > 4 and parts[-1] not in ("collect", "kept"):  # these cost nothing
            steps.setdefault(parts[-2], set()).add(parts[-1])
    return steps
