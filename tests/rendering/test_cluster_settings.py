"""Which Ray, how many workers and GPUs, and what the command line makes of it."""

import importlib.util
from pathlib import Path

import pytest
from video_director.host import setup
from video_director.host.errors import DirectorError
from video_director.rendering import render_command
from video_director.rendering.cluster.settings import Cluster

ROOT = Path(render_command.__file__).parents[1]


@pytest.fixture
def director():
    spec = importlib.util.spec_from_file_location("director", ROOT / "director.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("cluster", "told"),
    [
        ({"workers": 0}, "0 workers"),
        ({"gpus": -1}, "-1 GPUs"),
        ({"gpus": 1.5}, "1.5 GPUs"),
        ({"address": "ray://head:10001"}, "--ray auto"),
    ],
)
def test_what_can_not_be_is_said(cluster, told):
    with pytest.raises(DirectorError, match=told):
        Cluster(**cluster)


@pytest.mark.parametrize(
    ("address", "workers", "asked", "total", "each"),
    [
        ("local", 2, None, 0, 0),
        ("local", 2, None, 1, 1 / 2),
        ("local", 3, None, 2, 1 / 2),  # a third of both would leave no room for the third worker
        ("local", 2, None, 4, 1),
        ("auto", 8, None, 2, 1),
        ("auto", 8, None, 0, 0),
        ("auto", 8, 0.25, 2, 0.25),
        ("local", 2, 0, 2, 0),
    ],
)
def test_gpus_of_a_worker(address, workers, asked, total, each):
    assert Cluster(address, workers, asked).gpus_of_worker(total) == each


@pytest.mark.parametrize("option", ["--workers", "--gpus"])
def test_options_of_ray_without_it_are_refused(director, option):
    options = director.build_parser().parse_args(["render", "a ball", option, "2"])
    with pytest.raises(DirectorError, match="give --ray local"):
        render_command.run(options)


def test_servers_and_ray_are_one_or_the_other(director, capsys):
    with pytest.raises(SystemExit):
        director.build_parser().parse_args(["render", "a", "--ray", "local", "--server", "x"])
    assert "not allowed with" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "extras"), [([], []), (["--ray", "local", "--workers", "2"], ["cluster"])]
)
def test_ray_is_installed_only_where_it_is_used(director, monkeypatch, arguments, extras):
    class Enough(Exception):
        pass

    def ensure_ready(groups):
        raise Enough(groups)

    monkeypatch.setattr(setup, "ensure_ready", ensure_ready)
    command = ["render", "a ball", *arguments]
    with pytest.raises(Enough) as caught:
        director.run(director.build_parser().parse_args(command), command)
    assert caught.value.args == (extras,)
    assert director.COMMANDS["render"][1] == []
