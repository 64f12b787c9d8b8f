"""The page about language models: what it tells people to write is what the pack reads."""

import re
from pathlib import Path

import pytest
from video_director.planning.language_models.profile import Options
from video_director.planning.language_models.profile_sources import FILE, PREFIX
from video_director.planning.language_models.profiles import Profiles
from video_director.planning.styles import STYLES

PAGE = Path(__file__).resolve().parents[2] / "planning" / "language_models" / "README.md"
TEXT = PAGE.read_text(encoding="utf-8")
BLOCKS = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.splitlines()[0])
def test_each_profile_can_be_used_as_it_is_written(block: str, tmp_path: Path) -> None:
    path = tmp_path / FILE
    path.write_text(block, encoding="utf-8")
    path.chmod(0o600)
    keys = dict.fromkeys(re.findall(r'key_env = "(\w+)"', block), "a-key")
    profiles = Profiles.load(tmp_path, keys)
    name = re.match(r"\[profiles\.([\w-]+)\]", block)[1]
    profile = profiles.get(name)
    assert profiles.problems == ()
    assert (profile.key is not None) == bool(keys)


def test_the_environment_alone_makes_a_profile() -> None:
    lines = re.findall(rf"^({PREFIX}\w+)=(.*)$", TEXT, re.MULTILINE)
    profile = Profiles.load(None, dict(lines)).get("ollama")
    assert profile.model == "qwen3:8b"


def test_the_option_that_stops_thinking_is_one() -> None:
    line = re.search(r"^\s*`(options = .*)` stops", TEXT, re.MULTILINE)[1]
    import_toml = pytest.importorskip("tomllib")
    assert Options(**import_toml.loads(line)["options"]).extra_body


def test_all_options_and_styles_are_told() -> None:
    told = re.findall(r"^\| (`.*?) \|", TEXT, re.MULTILINE)
    names = {name for cell in told for name in re.findall(r"`(\w+)`", cell)}
    assert names == {*Options.model_fields, *STYLES}
    defaults = Options()
    for value in (defaults.connect_timeout, defaults.silence_timeout, defaults.timeout):
        assert f"({value:.0f})" in TEXT
    assert f"server ({defaults.tries})" in TEXT
    assert FILE in TEXT
