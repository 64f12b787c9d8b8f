"""The pack's routes: what they answer, whom they refuse, and that nothing brings them down."""

import asyncio
import io
import json
import random
import time
from contextlib import asynccontextmanager
from types import SimpleNamespace
from urllib.parse import quote

import aiohttp
import numpy as np
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from PIL import Image
from video_director.nodes import route_answers, run_pictures, storyboard_routes
from video_director.nodes.storyboard_routes import ROUTES, add_routes
from video_director.planning import plan_io
from video_director.planning.lint import lint_plan
from video_director.rendering import shown_runs as shown_runs_module
from video_director.rendering.clip_files import write_clip
from video_director.rendering.run_folder import RunFolder
from video_director.rendering.scene_pictures import MOST_PICTURES, MOST_SIDE, ScenePictures
from yarl import URL

SECRET = "nobody may read this"
HASH = "a" * 64
PLAN = {
    **{"version": 1, "prompt": "a ball", "fps": 8, "width": 128, "height": 128},
    "entities": [{"id": "ball", "name": "a red ball", "kind": "foreground"}],
    "scenes": [
        {
            **{"id": "meet", "prompt": "a star", "frames": 9, "entities": ["ball"]},
            **{"layout": [{"frame": 0, "boxes": {"ball": [0.1, 0.1, 0.4, 0.4]}}]},
            "seed": 2**64 - 1,
        }
    ],
}


def clip(count, size=(96, 64)):
    """Frames that differ in their brightness."""
    width, height = size
    return [
        np.full((height, width, 3), round(255 * n / max(count - 1, 1)), np.uint8)
        for n in range(count)
    ]


@pytest.fixture
def runs(tmp_path):
    """Runs of one scene each: one in memory, one in a run folder with two takes."""
    run_pictures.shown_runs.cache_clear()
    storyboard_routes.workers.cache_clear()
    temp, known = tmp_path / "temp", run_pictures.shown_runs()
    plain = known.begin("1", HASH, {"meet": 5, "later": 5}, None, temp)
    plain.show("meet", ScenePictures(clip(5), 5, temp))
    folder = RunFolder.open(tmp_path / "output" / "run", create=True)
    facts = {"frames": 4, "fps": 8, "width": 96, "height": 64, "seed": 1}
    with folder.lock():
        for _ in range(2):
            with folder.new_take("meet", HASH, **facts) as place:
                write_clip(place / "clip.mkv", clip(4), "ffv1", 8)
    kept = known.begin("2", HASH, {"meet": 4}, folder.root, temp)
    kept.use("meet", 2)
    (tmp_path / "secret.txt").write_text(SECRET)
    (tmp_path / "secret.png").write_bytes(SECRET.encode())
    yield SimpleNamespace(known=known, plain=plain, kept=kept, folder=folder, temp=temp)
    run_pictures.shown_runs.cache_clear()
    storyboard_routes.workers.cache_clear()


@asynccontextmanager
async def asking():
    """A server with the routes, and a function that asks it."""
    table = web.RouteTableDef()
    add_routes(table)
    app = web.Application(client_max_size=100 * 2**20)  # as the host's
    app.add_routes(table)
    async with TestServer(app) as server, aiohttp.ClientSession() as session:

        async def ask(method, path, **options):
            url = URL(f"http://{server.host}:{server.port}{path}", encoded=True)
            async with session.request(method, url, allow_redirects=False, **options) as answer:
                return answer, await answer.read()

        yield ask


def message(answer):
    response, body = answer
    return response.status, json.loads(body)["error"]


async def test_schema_and_labels():
    async with asking() as ask:
        response, body = await ask("GET", f"{ROUTES}/schema")
        assert response.status == 200
        assert json.loads(body)["title"] == "VideoPlan"
        _, body = await ask("GET", f"{ROUTES}/labels")
        assert len(json.loads(body)) == 400


async def test_lint_gives_the_findings_or_the_problems():
    async with asking() as ask:
        response, body = await ask("POST", f"{ROUTES}/lint", data=json.dumps(PLAN))
        assert response.status == 200
        findings = [vars(finding) for finding in lint_plan(plan_io.from_data(PLAN))]
        assert json.loads(body) == findings
        assert findings
        broken = {**PLAN, "fps": "8", "width": 3}
        response, body = await ask("POST", f"{ROUTES}/lint", data=json.dumps(broken))
        assert response.status == 400
        assert len(json.loads(body)["problems"]) == 2


@pytest.mark.parametrize(("kind", "magic"), [("png", b"\x89PNG"), ("pdf", b"%PDF")])
async def test_a_storyboard_is_a_file(kind, magic):
    async with asking() as ask:
        path = f"{ROUTES}/storyboard?format={kind}"
        response, body = await ask("POST", path, data=json.dumps(PLAN))
        assert response.status == 200
        assert body.startswith(magic)
        refused = await ask("POST", f"{ROUTES}/storyboard?format=exe", data=json.dumps(PLAN))
        assert message(refused) == (400, "the format is one of png, pdf")


async def test_plans_that_take_long_to_draw_are_refused():
    wordy = {"prompt": "word " * 3999, "frames": 1}
    scenes = [{"id": f"s{number}", **wordy} for number in range(6)]
    async with asking() as ask:
        plan = json.dumps({**PLAN, "scenes": scenes})
        assert message(await ask("POST", f"{ROUTES}/storyboard", data=plan))[0] == 413
    names = [f"e{number}" for number in range(250)]
    things = [{"id": name, "name": name, "kind": "foreground"} for name in names]
    layout = [{"frame": 0, "boxes": {name: [0, 0, 1, 1] for name in names}}]
    scene = {"prompt": "all", "frames": 1, "entities": names, "layout": layout}
    scenes = [{"id": f"s{number}", **scene} for number in range(9)]
    plan = json.dumps({**PLAN, "entities": things, "scenes": scenes})
    async with asking() as ask:
        assert message(await ask("POST", f"{ROUTES}/storyboard", data=plan))[0] == 413


async def test_a_run_is_described_and_its_frames_are_small_jpegs(runs):
    async with asking() as ask:
        _, body = await ask("GET", f"{ROUTES}/runs/{runs.plain.id}")
        shown = {"used": 1, "chosen": None, "takes": [{"take": 1, "frames": 5}]}
        to_come = {"used": None, "chosen": None, "takes": []}
        assert json.loads(body) == {
            **{"run": runs.plain.id, "plan": HASH},
            "scenes": [
                {"id": "meet", "frames": 5, **shown},
                {"id": "later", "frames": 5, **to_come},
            ],
        }
        _, body = await ask("GET", f"{ROUTES}/runs/{runs.kept.id}")
        (scene,) = json.loads(body)["scenes"]
        assert (scene["used"], [take["take"] for take in scene["takes"]]) == (2, [1, 2])
        for run, take, frame, level in ((runs.plain, 1, 4, 255), (runs.kept, 2, 1, 85)):
            response, body = await ask("GET", f"{ROUTES}/runs/{run.id}/meet/{take}/{frame}")
            assert response.content_type == "image/jpeg"
            assert "immutable" in response.headers["Cache-Control"]
            picture = np.asarray(Image.open(io.BytesIO(body)))
            assert picture.shape == (64, 96, 3)
            assert abs(picture.mean() - level) < 2


@pytest.mark.parametrize(
    "rest",
    [
        "x",
        "x/meet/1/0",
        "{plain}/meet/2/0",
        "{plain}/later/1/0",
        "{plain}/meet/1/5",
        "{plain}/meet/1/-1",
        "{plain}/meet/1/%D9%A1",  # a digit, too, but not one of ours
        "{kept}/meet/3/0",
        "{kept}/other/1/0",
        "{kept}/..%2F..%2Fsecret.png/1/0",
        "{kept}/meet/1/0%00",
        "{kept}/meet/..%2f..%2f..%2fsecret.txt/0",
        "..%2F..%2Fsecret.txt",
    ],
)
async def test_what_is_not_known_is_not_found(runs, rest):
    async with asking() as ask:
        path = f"{ROUTES}/runs/{rest.format(plain=runs.plain.id, kept=runs.kept.id)}"
        assert message(await ask("GET", path))[0] == 404


@pytest.mark.parametrize("place", ["clip", "clip.mp4"])
async def test_links_in_a_run_folder_lead_nowhere(runs, tmp_path, place):
    """Whoever can write into the folder must not make the server read elsewhere."""
    elsewhere = tmp_path / "elsewhere.mp4"
    write_clip(elsewhere, clip(4), "mp4", 8)
    (runs.folder.take_folder("meet", 1) / place).symlink_to(elsewhere)
    other = runs.folder.take_folder("meet", 2)
    other.rename(tmp_path / "moved")
    other.symlink_to(tmp_path / "moved")
    async with asking() as ask:
        for take in (1, 2):
            answer = await ask("GET", f"{ROUTES}/runs/{runs.kept.id}/meet/{take}/0")
            assert message(answer)[0] == 404


async def test_a_take_or_folder_that_is_gone_is_not_found(runs):
    async with asking() as ask:
        for path in runs.folder.root.rglob("clip.mkv"):
            path.write_bytes(b"no clip")
        path = f"{ROUTES}/runs/{runs.kept.id}"
        assert message(await ask("GET", f"{path}/meet/1/0"))[0] == 404
        runs.folder.root.rename(runs.folder.root.with_name("other"))
        status, text = message(await ask("GET", path))
        assert (status, "other" in text) == (404, False)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "none"}, 200),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": "http://{host}"}, 200),
        ({"Origin": "http://{host}.evil.test"}, 403),
        ({"Origin": "http://evil.test"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://["}, 403),
        # Behind a proxy the two differ; a browser tells which is meant.
        ({"Origin": "https://studio.test", "Sec-Fetch-Site": "same-origin"}, 200),
    ],
)
async def test_only_pages_of_this_server_are_answered(headers, status):
    async with asking() as ask:
        response, _ = await ask("GET", f"{ROUTES}/labels")
        host = response.request_info.headers["Host"]
        sent = {name: value.format(host=host) for name, value in headers.items()}
        response, _ = await ask("GET", f"{ROUTES}/labels", headers=sent)
        assert response.status == status


async def test_large_slow_packed_and_too_many_bodies_are_refused(monkeypatch):
    async def endless():
        while True:
            yield b"[" * 2**16

    async def silent():
        yield b"{"
        await asyncio.sleep(30)

    async with asking() as ask:
        path, large = f"{ROUTES}/lint", b"[" * (route_answers.MOST_BYTES + 1)
        for data in (large, endless()):
            assert message(await ask("POST", path, data=data))[0] == 413
        packed = {"Content-Encoding": "gzip"}
        assert message(await ask("POST", path, data=b"x", headers=packed))[0] in (400, 415)
        monkeypatch.setattr(route_answers, "_SECONDS", 0.1)
        assert message(await ask("POST", path, data=silent()))[0] == 408
        monkeypatch.setattr(route_answers, "_MOST_WAITING", 0)
        assert message(await ask("POST", path, data=json.dumps(PLAN)))[0] == 429


def test_old_runs_and_their_files_go(tmp_path, monkeypatch):
    monkeypatch.setattr(shown_runs_module, "MOST_RUNS", 3)
    known = shown_runs_module.ShownRuns()
    shared = ScenePictures(clip(2), 2, tmp_path)
    made = []
    for number in range(5):
        made.append(known.begin("1", HASH, {"a": 2, "b": 2}, None, tmp_path))
        made[-1].show("a", shared)
        made[-1].show("b", ScenePictures(clip(2), 2, tmp_path))
        assert known.newest_of("1") is made[number]
    ids = [run.id for run in made]
    del made
    assert len(list(tmp_path.iterdir())) == 1 + 3
    with pytest.raises(LookupError, match="latest"):
        known.find(ids[0])
    monkeypatch.setattr(shown_runs_module, "MOST_BYTES", 1)
    known.shrink()
    assert known.find(ids[4]).ready("b", 1).read(1)
    assert len(list(tmp_path.iterdir())) == 1 + 1


def test_long_scenes_have_some_pictures_and_large_frames_small_ones(tmp_path):
    pictures = ScenePictures(clip(1000, (1024, 16)), 1000, tmp_path)
    assert len(list(tmp_path.rglob("*.jpg"))) == MOST_PICTURES
    for frame in (0, 1, 499, 998, 999):
        picture = Image.open(io.BytesIO(pictures.read(frame)))
        assert picture.size == (MOST_SIDE, 6)
        assert 0 <= 255 * frame / 999 - np.asarray(picture).mean() < 4
    with pytest.raises(LookupError, match="1000"):
        pictures.read(1000)


HOSTILE = (
    *("..", "../..", "..%2f..%2f", "%2e%2e%2f%2e%2e", "..%5c..", "%252e%252e%252f", "/etc/passwd"),
    *("%00", "meet%00", "%ff%fe", "%", "%zz", "a" * 3000, "~root", "C:%5c", "//host/share", " "),
    *("-1", "0", "1", "999999", "9999999999999", "1e3", "0x1", "١", "ⅷ", "🎬", "meet", "MEET"),
    *("secret.txt", "..%2fsecret.txt", "${HOME}", "'; drop", "<script>", "?x", "#x", "nan", ""),
)
METHODS = ("GET",) * 4 + ("POST",) * 3 + ("PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "PROPFIND")


def hostile_path(choice, runs):
    known = [runs.plain.id, runs.kept.id, *HOSTILE]
    parts = [choice.choice(known), *choice.choices(HOSTILE, k=choice.choice((0, 1, 2, 3, 3, 3, 4)))]
    path = choice.choice(
        (
            f"/runs/{'/'.join(parts)}",
            f"/runs/{runs.kept.id}/meet/{choice.choice(HOSTILE)}/{choice.choice(HOSTILE)}",
            f"/{choice.choice(('lint', 'storyboard', 'schema', 'labels', choice.choice(HOSTILE)))}",
            f"/storyboard?format={choice.choice((*HOSTILE, 'png'))}",
        )
    )
    return quote(ROUTES + path, safe="/%?=#&{}$~<>;'()!*,:@+")


def hostile_body(choice):
    plan = json.dumps(PLAN)
    deep = choice.choice((100, 100_000, 2_000_000))
    at = choice.randrange(len(plan))
    return choice.choice(
        (
            lambda: choice.randbytes(choice.randrange(2000)),
            lambda: b"[" * deep,
            lambda: b'{"a":' * min(deep, 500_000),
            lambda: b"[" * 400 + b"]" * 400,
            lambda: b"9" * 5000,
            lambda: f"{plan[:at]}{choice.choice('[]{}:,x0-')}{plan[at + 1 :]}".encode(),
            lambda: json.dumps(wrong(choice, PLAN)).encode(),
            lambda: plan.replace("ball", "\\ud800\\u0000").encode(),
            lambda: b'{"version": 1e999, "scenes": NaN}',
            lambda: plan.encode("utf-16"),
        )
    )()


def wrong(choice, value):
    """A value with something of another kind somewhere in it."""
    if isinstance(value, dict | list) and value and choice.random() < 0.8:
        keys = list(value) if isinstance(value, dict) else range(len(value))
        key = choice.choice(list(keys))
        copy = value.copy()
        copy[key] = wrong(choice, value[key])
        return copy
    odd = (None, True, -1, 0, 1e308, 10**30, "", "\x00", "🎬" * 9000, [], {}, [[]], {"": {}})
    return choice.choice(odd)


@pytest.mark.parametrize("seed", range(4))
async def test_no_request_brings_the_routes_down(runs, seed, caplog):
    """Four times 1000 requests, eight at a time: answers in JSON or pictures, 2xx or 4xx."""
    choice = random.Random(seed)
    origins = ({}, {}, {}, {"Origin": "http://evil.test"}, {"Sec-Fetch-Site": "cross-site"})
    statuses = []
    async with asking() as ask:

        async def one():
            method, path = choice.choice(METHODS), hostile_path(choice, runs)
            body = hostile_body(choice) if method in ("POST", "PUT", "PATCH") else None
            response, answer = await ask(method, path, data=body, headers=choice.choice(origins))
            statuses.append(response.status)
            assert response.status < 500, (method, path, answer[:300])
            if response.content_type not in ("image/jpeg", "image/png"):
                # A path that is none is refused before it reaches any route.
                if b"Traceback" in answer or SECRET.encode() in answer:
                    pytest.fail(f"{method} {path} says too much: {answer[:300]!r}")
                if answer and path.startswith(f"{ROUTES}/") and response.status != 400:
                    json.loads(answer)

        for _ in range(125):
            await asyncio.gather(*(one() for _ in range(8)))
        since = time.perf_counter()
        response, _ = await ask("GET", f"{ROUTES}/runs/{runs.kept.id}/meet/1/0")
        assert response.status == 200
        assert time.perf_counter() - since < 2
    assert len(statuses) == 1000
    assert {200, 400, 403, 404} <= set(statuses)
    assert not [record for record in caplog.records if "video_director" in record.name]
