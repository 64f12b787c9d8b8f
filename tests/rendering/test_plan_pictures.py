"""Pictures that a plan names are found beside it and get names of their content."""

import hashlib
import io

import pytest
from PIL import Image
from video_director.bench.slow_scenes import slow_plan
from video_director.host.errors import DirectorError
from video_director.rendering.plan_pictures import gathered, kept


def png(colour):
    content = io.BytesIO()
    Image.new("RGB", (8, 8), colour).save(content, format="PNG")
    return content.getvalue()


def plan_with(name):
    plan = slow_plan(1)
    entity = plan.entities[0].model_copy(update={"reference_image": name})
    return plan.model_copy(update={"entities": [entity]})


def test_a_picture_beside_the_plan_is_named_by_its_content(tmp_path):
    (tmp_path / "cast").mkdir()
    (tmp_path / "cast" / "the girl.png").write_bytes(png("red"))
    found = gathered(plan_with("cast/the girl.png"), [tmp_path / "elsewhere", tmp_path])
    digest = hashlib.sha256(png("red")).hexdigest()[:12]
    assert found.files == {f"video_director/{digest}-the_girl.png": png("red")}
    assert found.plan.entities[0].reference_image in found.files


def test_what_was_kept_is_found_again_under_the_same_name(tmp_path):
    (tmp_path / "girl.png").write_bytes(png("red"))
    first = gathered(plan_with("girl.png"), [tmp_path])
    kept(tmp_path / "pictures", first.files)
    again = gathered(first.plan, [tmp_path / "pictures"])
    assert again == first


def test_another_content_is_another_name(tmp_path):
    names = set()
    for colour in ("red", "blue"):
        (tmp_path / "girl.png").write_bytes(png(colour))
        names |= set(gathered(plan_with("girl.png"), [tmp_path]).files)
    assert len(names) == 2


@pytest.mark.parametrize("name", ["only_at_the_host.png", None])
def test_what_is_not_here_is_left_to_the_host(tmp_path, name):
    plan = plan_with(name)
    assert gathered(plan, [tmp_path]).plan is plan
    assert not gathered(plan, [tmp_path]).files


def test_a_link_that_leads_out_of_the_folder_is_not_followed(tmp_path):
    (tmp_path / "secret.png").write_bytes(png("red"))
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "girl.png").symlink_to(tmp_path / "secret.png")
    assert not gathered(plan_with("girl.png"), [inside]).files


@pytest.mark.parametrize("content", [b"", b"no picture", png("red")[:40]])
def test_a_file_that_is_no_picture_is_refused_by_entity_and_name(tmp_path, content):
    (tmp_path / "girl.png").write_bytes(content)
    with pytest.raises(DirectorError, match=r"entity 'ball': 'girl\.png' can't be read"):
        gathered(plan_with("girl.png"), [tmp_path])
