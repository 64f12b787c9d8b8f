"""What the pack's pages, and scripts, can ask the host's server; web/docs/VideoDirectorEditPlan.md
lists it for people.

Nothing here starts a program, and no path or address comes from a request.
"""

import re
from dataclasses import asdict
from functools import cache
from typing import Any

from aiohttp import web
from server import PromptServer

from ..planning import plan_io
from ..planning.kinetics import action_labels
from ..planning.lint import lint_plan
from ..planning.schema import VideoPlan
from ..planning.schema_export import schema_text
from ..rendering.storyboard_file import PDF, PNG, storyboard_file
from .route_answers import Refusal, Workers, answering, body_text, refused
from .run_pictures import shown_runs

ROUTES = "/video_director"
MOST_FINDINGS = 1000
# Of storyboards, since drawing takes a while; Preview Plan draws larger ones.
MOST_DRAWN = 1000  # scenes and boxes
MOST_LETTERS = 100_000
_CONTENT_TYPES = {PNG: "image/png", PDF: "application/pdf"}
_JPEG = {"Cache-Control": "private, max-age=31536000, immutable"}  # a new run has a new id
_NUMBER = re.compile(r"[0-9]{1,6}", re.ASCII)


def add_storyboard_routes() -> None:
    """Make the running server answer; without one there is nothing to do."""
    server = getattr(PromptServer, "instance", None)  # absent outside a running server
    if server is not None:
        add_routes(server.routes)


def add_routes(routes: web.RouteTableDef) -> None:
    """Add all routes to a table; the last one takes what no other does."""
    routes.get(f"{ROUTES}/schema")(schema)
    routes.get(f"{ROUTES}/labels")(labels)
    routes.post(f"{ROUTES}/lint")(lint)
    routes.post(f"{ROUTES}/storyboard")(storyboard)
    routes.get(f"{ROUTES}/runs/{{run}}")(run)
    routes.get(f"{ROUTES}/runs/{{run}}/{{scene}}/{{take}}/{{frame}}")(frame)
    routes.route("*", f"{ROUTES}/{{rest:.*}}")(unknown)


@cache
def workers() -> Workers:
    """Those of this server."""
    return Workers()


@answering
async def schema(request: web.Request) -> web.Response:
    """The JSON Schema of plans."""
    return web.Response(text=schema_text(), content_type="application/json")


@answering
async def labels(request: web.Request) -> web.Response:
    """The names of all actions, in their standard order."""
    return web.json_response(list(action_labels()))


@answering
async def lint(request: web.Request) -> web.Response:
    """The director's notes on the plan in the body."""
    text = await body_text(request)
    return web.json_response(await workers().run(_findings, text))


@answering
async def storyboard(request: web.Request) -> web.Response:
    """The plan in the body as one picture."""
    kind = request.query.get("format", "png")
    if kind not in _CONTENT_TYPES:
        raise Refusal(400, f"the format is one of {', '.join(_CONTENT_TYPES)}")
    text = await body_text(request)
    body = await workers().run(lambda: storyboard_file(_drawable(text), kind))
    return web.Response(body=body, content_type=_CONTENT_TYPES[kind])


@answering
async def run(request: web.Request) -> web.Response:
    """Scenes of a run of Render Plan, their takes and frames."""
    found = shown_runs().find(request.match_info["run"])
    return web.json_response(await workers().run(found.described))


@answering
async def frame(request: web.Request) -> web.Response:
    """A small JPEG of one frame of a run."""
    asked = request.match_info
    found = shown_runs().find(asked["run"])
    take, place = (_number(asked[name]) for name in ("take", "frame"))
    pictures = found.ready(asked["scene"], take)
    if pictures is None:
        pictures = await workers().run(found.pictures, asked["scene"], take)
        shown_runs().shrink()
    return web.Response(body=pictures.read(place), content_type="image/jpeg", headers=_JPEG)


@answering
async def unknown(request: web.Request) -> web.Response:
    """Anything else."""
    return refused(404, "there is no such route, or not with this method")


def _findings(text: str) -> list[dict[str, Any]]:
    return [asdict(finding) for finding in lint_plan(plan_io.loads(text))[:MOST_FINDINGS]]


def _drawable(text: str) -> VideoPlan:
    """The plan in a text, when it can be drawn within seconds.

    Raises:
        PlanError: there is none.
        Refusal: it is too large.
    """
    plan = plan_io.loads(text)
    boxed = sum(len({name for k in scene.layout for name in k.boxes}) for scene in plan.scenes)
    prompts = ([scene.prompt, *(scene.frame_prompts or [])] for scene in plan.scenes)
    letters = sum(len(text) for texts in prompts for text in texts)
    if len(plan.scenes) + boxed > MOST_DRAWN or letters > MOST_LETTERS:
        raise Refusal(413, "the plan has too many scenes, boxes or words; use Preview Plan")
    return plan


def _number(text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise LookupError("takes and frames are numbers")
    return int(text)
