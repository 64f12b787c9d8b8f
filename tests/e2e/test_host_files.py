"""A host tells which content the files have that a workflow names."""

import hashlib
import json
import urllib.error
import urllib.request

import pytest
from video_director.host.server import OPENER, free_port
from video_director.rendering.manifest import miniature_digests
from video_director.rendering.runner.host_files import ROUTE, digests_at

NAMES = ["styles/told.safetensors", "girl.png", "../../secret.safetensors", "none.safetensors", ""]


def sha256(content):
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def files(server):
    """A model and a picture at the host; their content."""
    held = {"styles/told.safetensors": b"weights", "girl.png": b"pixels"}
    places = {
        "styles/told.safetensors": server.base / "models" / "loras" / "styles" / "told.safetensors",
        "girl.png": server.base / "input" / "girl.png",
    }
    for name, content in held.items():
        places[name].parent.mkdir(parents=True, exist_ok=True)
        places[name].write_bytes(content)
    (server.base / "secret.safetensors").write_bytes(b"secret")
    return held


async def test_it_tells_digests_of_models_and_inputs_and_of_nothing_else(server, files):
    found = await digests_at([server.url], NAMES)
    assert found == {
        **miniature_digests(),
        **{name: sha256(content) for name, content in files.items()},
    }


async def test_a_host_that_is_away_is_left_to_others(server):
    nobody = f"http://127.0.0.1:{free_port()}"
    assert await digests_at([nobody, server.url + "/"], []) == miniature_digests()
    assert await digests_at([nobody], []) is None


@pytest.mark.parametrize("body", [b"", b"[]", b'{"names": 3}', json.dumps({"names": [""] * 1001})])
def test_odd_questions_are_refused(server, body):
    data = body.encode() if isinstance(body, str) else body
    request = urllib.request.Request(server.url + ROUTE, data, method="POST")
    with pytest.raises(urllib.error.HTTPError) as caught:
        OPENER.open(request, timeout=60)
    assert caught.value.code == 400
    assert "names" in caught.value.read().decode()
