"""``director.py serve``: the host with this pack, for the browser."""

from argparse import Namespace

from .console import Console
from .server import Server
from .setup import Places


def run(options: Namespace) -> int:
    """Serve until Ctrl-C. Settings, inputs and results stay in .host/serve."""
    console, places = Console(), Places()
    server = Server(places.host, places.work / "serve", port=options.port, models=places.models)
    console.say(f"Starting ComfyUI on port {options.port} …")
    with server:
        console.say(
            f"Open {server.url} and choose a workflow under Templates > ComfyUI-VideoDirector.\n"
            f"Results go to {server.base / 'output'}. Ctrl-C ends it."
        )
        server.wait_until_ended()
    return 0
