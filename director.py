#!/usr/bin/env python3
"""The command line of ComfyUI-VideoDirector: ``python director.py --help``.

A Python >= 3.10 and pip are enough to start; everything else is set up inside this folder.
This file stays readable for old Pythons, so that they can say that they are too old.
"""

import sys

if sys.version_info < (3, 10):
    sys.stderr.write(
        "error: This Python is too old: %d.%d was started, and 3.10 or newer is needed. Install a "
        "newer one (python.org, your system's packages, or `uv python install 3.12`) and start "
        "director.py with it.\n" % tuple(sys.version_info[:2])
    )
    sys.exit(1)

import argparse
import importlib
import importlib.util
import logging
import os
import signal
import subprocess

ROOT = os.path.dirname(os.path.abspath(__file__))
PACKAGE = "video_director"

# Which module answers a command, and which extras of pyproject.toml it needs. A module is imported
# only when its command is used, by the Python of .venv.
COMMANDS = {
    "demo": ("rendering.demo_command", []),
    "render": ("rendering.render_command", []),
    "plan": ("rendering.plan_command", ["llm"]),
    "serve": ("host.serve_command", []),
    "test": ("host.pytest_command", ["test", "cluster"]),
}
NAMED = {
    "train": {
        "autoencoder": ("miniature.train_autoencoder", ["train"]),
        "text": ("miniature.train_text", ["train"]),
        "clip": ("miniature.train_clip", ["train"]),
        "unet": ("miniature.train_unet", ["train"]),
        "grounding": ("miniature.train_grounding", ["train"]),
        "reference": ("miniature.train_reference", ["train"]),
        "video": ("miniature.train_video", ["train"]),
    },
    "evaluate": {
        "miniature": ("evaluation.miniature", ["train"]),
        "planner": ("evaluation.planner", []),
        "frames": ("evaluation.frames", ["train"]),
        "layout": ("evaluation.layout", ["train"]),
        "references": ("evaluation.references", ["train"]),
        "camera": ("evaluation.camera", ["train", "evaluate"]),
        "action": ("evaluation.action", ["train"]),
    },
    "bench": {
        "value_mapping": ("bench.value_mapping", []),
        "grounding": ("bench.grounding", []),
        "references": ("bench.references", []),
        "video_model": ("bench.video_model", []),
        "runner": ("bench.runner", []),
        "storyboard": ("bench.storyboard", ["test"]),
    },
}
DEMO_PROMPT = (
    "A red ball with a yellow band rolls across a meadow. Then the red ball meets a blue star with "
    "a pink dot by the sea. Finally the red ball and the blue star rest in a desert."
)


RENDER_EXIT_CODES = """\
exit codes:
  0    all that was asked for is rendered
  1    an error; what was finished before is kept
  2    some scenes failed, the others are rendered
  130  interrupted by Ctrl-C; go on with --resume
"""


def build_parser():
    """Every command with its options; help needs no set-up."""
    parser = argparse.ArgumentParser(
        prog="director.py", description="One prompt in, one consistent multi-scene video out."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    demo = commands.add_parser("demo", help="set up, then plan and render a video with no download")
    demo.add_argument("prompt", nargs="?", default=DEMO_PROMPT)
    demo.add_argument("--output", metavar="DIR", help="where the files go")
    demo.add_argument("--seed", type=int, help="seed of plan and noise (default: the workflow's)")

    add_render_parser(commands)

    plan = commands.add_parser("plan", help="write the plan of a prompt, render nothing")
    plan.add_argument("prompt", nargs="?")
    plan.add_argument("--profile", default="offline", help="who plans (default: offline, no model)")
    plan.add_argument(
        "--style", default="director", help="of a language model: director, scenes, layout, frames"
    )
    plan.add_argument("--scenes", type=int, default=0, help="how many (default: the planner's)")
    plan.add_argument("--tone", default="", help="how a language model shall make it feel")
    plan.add_argument("--hints", default="", help="what it should know of the picture model")
    plan.add_argument("--still", action="store_true", help="it may not move the camera")
    plan.add_argument("--take", type=int, default=0, help="another number asks it anew")
    plan.add_argument(
        "--earlier", metavar="PLAN.json", help="a plan whose locked scenes stay as they are"
    )
    plan.add_argument(
        "--profiles",
        metavar="FOLDER",
        help="where video_director.toml is (default: the user folder of the ComfyUI that "
        "COMFYUI_PATH names, else of `serve`)",
    )
    plan.add_argument("--list-profiles", action="store_true", help="say which answer, and stop")
    plan.add_argument("--output", metavar="FILE", help="where to write it (default: the terminal)")
    plan.add_argument(
        "--storyboard",
        metavar="FILE",
        help="draw it, too: a .png, or a .pdf to print",
    )
    plan.add_argument("--frames", type=int, default=8, help="frames of each scene (default: 8)")
    plan.add_argument("--fps", type=int, default=8, help="frames per second (default: 8)")
    plan.add_argument("--width", type=int, default=128, help="pixels (default: 128)")
    plan.add_argument("--height", type=int, default=128, help="pixels (default: 128)")
    plan.add_argument("--seed", type=int, default=0, help="noise seed to write into the plan")

    serve = commands.add_parser("serve", help="a ComfyUI with this pack, for the browser")
    serve.add_argument("--port", type=int, default=8188)

    test = commands.add_parser("test", help="set up and run every test; pytest options after --")
    test.add_argument("rest", nargs=argparse.REMAINDER, metavar="-- ...")

    for command, names in NAMED.items():
        known = ", ".join(sorted(names)) or "none yet"
        named = commands.add_parser(command, help="NAME is one of: " + known)
        named.add_argument("name", metavar="NAME", choices=sorted(names))
        named.add_argument("rest", nargs=argparse.REMAINDER, metavar="...")
    return parser


def add_render_parser(commands):
    """The command that renders scene by scene and goes on where it stopped."""
    render = commands.add_parser(
        "render",
        help="render a prompt or a plan scene by scene, at one or many ComfyUIs",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=RENDER_EXIT_CODES,
    )
    render.add_argument("source", nargs="?", metavar="PROMPT|PLAN.json")
    where = render.add_mutually_exclusive_group()
    where.add_argument(
        "--server",
        action="append",
        default=[],
        metavar="URL",
        help="a running ComfyUI; may be given several times, and scenes are shared out (default: "
        "one is started)",
    )
    where.add_argument(
        "--ray",
        metavar="local|auto|ADDRESS",
        help="by workers of Ray, each with a ComfyUI of its own: on this machine (local), or in "
        "the cluster that this machine takes part in (auto, or its HOST:PORT)",
    )
    render.add_argument("--workers", type=int, metavar="N", help="of --ray (default: 2)")
    render.add_argument(
        "--gpus",
        type=float,
        metavar="N",
        help="of each worker of --ray, also 0.5 (default: local shares out those there are; in a "
        "cluster 1, or 0 where it has none)",
    )
    folder = render.add_mutually_exclusive_group()
    folder.add_argument(
        "--resume",
        metavar="DIR",
        help="go on with the run in DIR: with its plan, or with the one that is given",
    )
    folder.add_argument("--output", metavar="DIR", help="where the files go")
    render.add_argument(
        "--scene", action="append", default=[], metavar="ID", help="only this scene; repeatable"
    )
    render.add_argument(
        "--take", action="store_true", help="one take more, also of scenes that are done"
    )
    render.add_argument(
        "--choose",
        action="append",
        default=[],
        metavar="SCENE:TAKE",
        help="use this take of a scene from now on, or SCENE:latest for the newest again; "
        "repeatable",
    )
    render.add_argument(
        "--format",
        choices=("ffv1", "png", "mp4"),
        help="how scenes are kept: lossless video (ffv1, the default), pictures, or small (mp4)",
    )
    render.add_argument(
        "--dry-run", action="store_true", help="say what would be rendered, queue nothing"
    )
    render.add_argument(
        "--events", action="store_true", help="one JSON object a line on standard output"
    )
    render.add_argument("--seed", type=int, help="seed of plan and noise (default: the workflow's)")


def register_package():
    """Make this checkout importable as ``video_director``, whatever its folder is called.

    The folder itself must not be on sys.path: our nodes/ would shadow the host's nodes.py.
    """
    sys.path[:] = [entry for entry in sys.path if os.path.realpath(entry or ".") != ROOT]
    spec = importlib.util.spec_from_file_location(
        PACKAGE, os.path.join(ROOT, "__init__.py"), submodule_search_locations=[ROOT]
    )
    sys.modules[PACKAGE] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sys.modules[PACKAGE])


def run(options, arguments):
    """Set up, continue in the Python of .venv, and do what was asked; returns the exit code."""
    setup = importlib.import_module(PACKAGE + ".host.setup")
    name = getattr(options, "name", None)
    module, extras = NAMED[options.command][name] if name else COMMANDS[options.command]
    if getattr(options, "ray", None):
        extras = extras + ["cluster"]
    python = str(setup.ensure_ready(extras))
    if os.path.normpath(sys.executable) != os.path.normpath(python):
        return continue_in(python, arguments)
    if options.command == "train":
        prepare_training()
    if not name:
        return importlib.import_module(PACKAGE + "." + module).run(options)
    return importlib.import_module(PACKAGE + "." + module).main(options.rest)


def prepare_training():
    """Training uses the host's own modules in this process and tells its progress by logging."""
    importlib.import_module(PACKAGE + ".evaluation.in_process").load_host()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stdout)


def continue_in(python, arguments):
    """The same command in another Python: in this process where the system can do that."""
    command = [python, os.path.join(ROOT, "director.py")] + arguments
    sys.stdout.flush()
    if sys.platform != "win32":
        os.execv(python, command)
    return subprocess.call(command)


def stop(*_):
    """A polite kill ends like Ctrl-C, so that everything started is taken down."""
    raise KeyboardInterrupt


def main(arguments):
    """Parse and run; errors meant for people are shown without a traceback."""
    options = build_parser().parse_args(arguments)
    register_package()
    errors = importlib.import_module(PACKAGE + ".host.errors")
    console = importlib.import_module(PACKAGE + ".host.console")
    signal.signal(signal.SIGTERM, stop)
    try:
        return run(options, arguments)
    except errors.DirectorError as error:
        console.Console().error(str(error))
        return 1
    except KeyboardInterrupt:
        console.Console().error("stopped; everything that was started has been ended")
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
