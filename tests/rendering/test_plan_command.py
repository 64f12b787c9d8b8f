"""``director.py plan``: who plans, who answers, and what goes where."""

import importlib.util
import json
from pathlib import Path

import pytest
from video_director.host.errors import DirectorError
from video_director.planning import plan_io
from video_director.rendering import plan_command

from ..scripted_language_model import ScriptedServer, says

ROOT = Path(__file__).resolve().parents[2]
SCENE = {
    "prompt": "A red corgi in a green park",
    "background": "park",
    "entities": ["corgi"],
    "camera_direction": "left",
    "camera_speed": "slow",
    "action": "",
    "reasoning": "It stands.",
    "boxes": [{"frame": 0, "entity": "corgi", "box": [0.1, 0.5, 0.4, 0.9]}],
    "layout_strength": 0.2,
}
PLAN = json.dumps(
    {
        "entities": [{"name": "corgi", "description": "a red corgi"}],
        "backgrounds": [{"name": "park", "description": "a green park"}],
        "scenes": [SCENE],
    }
)


@pytest.fixture(scope="module")
def parse():
    """The command line's own parser."""
    spec = importlib.util.spec_from_file_location("director", ROOT / "director.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return lambda *words: module.build_parser().parse_args(["plan", *words])


@pytest.fixture
def profiles(tmp_path):
    """A folder whose profile ``scripted`` points to a server with one answer, and that server."""
    with ScriptedServer([says(PLAN)]) as server:
        text = f'[profiles.scripted]\nbase_url = "{server.url}"\nmodel = "scripted"\n'
        file = tmp_path / "user" / "video_director.toml"
        file.parent.mkdir()
        file.write_text(text + '[profiles.broken]\nmodel = "x"\n')
        file.chmod(0o600)
        yield file.parent, server


def test_the_offline_plan_goes_to_the_terminal(parse, tmp_path, capsys):
    options = parse("A red ball rolls across a meadow.", "--profiles", str(tmp_path))
    assert plan_command.run(options) == 0
    assert len(plan_io.loads(capsys.readouterr().out).scenes) == 1


def test_a_storyboard_is_drawn_besides(parse, tmp_path, capsys):
    words = ["A red ball rolls across a meadow.", "--profiles", str(tmp_path)]
    for name, begin in (("board.png", b"\x89PNG"), ("to/board.PDF", b"%PDF-")):
        assert plan_command.run(parse(*words, "--storyboard", str(tmp_path / name))) == 0
        assert (tmp_path / name).read_bytes().startswith(begin)
        plan_io.loads(capsys.readouterr().out)


def test_a_language_model_plans_once(parse, profiles, tmp_path, capsys):
    folder, server = profiles
    words = ["a corgi", "--profile", "scripted", "--profiles", str(folder)]
    outputs = [tmp_path / "plans" / f"{number}.json" for number in range(2)]
    for output in outputs:
        assert plan_command.run(parse(*words, "--output", str(output))) == 0
        assert "1 scenes, 2 entities" in capsys.readouterr().out
    assert len(server.asked) == 1
    assert outputs[0].read_bytes() == outputs[1].read_bytes()
    assert plan_io.load(outputs[0]).scenes[0].camera.direction == "left"


def test_the_directors_notes_go_to_standard_error(parse, profiles, capsys):
    folder, _ = profiles
    words = ["a corgi", "--profile", "scripted", "--profiles", str(folder), "--frames", "1"]
    assert plan_command.run(parse(*words)) == 0
    said = capsys.readouterr()
    plan_io.loads(said.out)
    assert "scenes[0]" in said.err


def test_profiles_are_listed_with_whether_they_answer(parse, profiles, capsys):
    folder, _ = profiles
    assert plan_command.run(parse("--list-profiles", "--profiles", str(folder))) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["offline", "broken", "scripted"]
    assert "answers: built in" in lines[0]
    assert "base_url: is missing" in lines[1]
    assert "answers: answers with scripted" in lines[2]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "No prompt was given"),
        (["x", "--profile", "nobody"], "is unknown; use one of offline, broken, scripted"),
        (["x", "--profile", "broken"], "base_url: is missing"),
        (["x", "--profile", "scripted", "--style", "opera"], "there is no 'opera'"),
        (["x", "--width", "100"], "width: 100 is not a multiple of 8"),
        (["  "], "prompt: is empty"),
        (["x", "--storyboard", "board.svg"], "name a file that ends with .png or .pdf"),
    ],
)
def test_what_cannot_be_planned_is_told(parse, profiles, words, told):
    folder, _ = profiles
    with pytest.raises(DirectorError, match=told):
        plan_command.run(parse(*words, "--profiles", str(folder)))
