"""Pictures of entities: where they come from, and how an image encoder is shown them."""

import folder_paths
import numpy as np
import pytest
import torch
from PIL import Image
from video_director.attention_patches.functional.cut_out import shown_alone
from video_director.nodes.entity_pictures import reference_of
from video_director.nodes.entity_reference_nodes import EntityPicture
from video_director.nodes.sockets import EntityReference
from video_director.planning.schema import Entity

GREY = 127 / 255


@pytest.fixture
def input_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(folder_paths, "input_directory", str(tmp_path))
    return tmp_path


def entity(name=None):
    return Entity(id="fox", name="fox", kind="foreground", reference_image=name)


def test_the_plans_picture_is_read_with_its_transparency(input_folder):
    pixels = np.full((6, 8, 4), 255, np.uint8)
    pixels[:, 4:, 3] = 0
    Image.fromarray(pixels).save(input_folder / "fox.png")
    found = reference_of(entity("fox.png"), None)
    assert found.picture.shape == (6, 8, 3)
    assert found.mask[:, :4].eq(1).all()
    assert found.mask[:, 4:].eq(0).all()
    assert found.source == "fox.png"
    Image.fromarray(pixels[..., :3]).save(input_folder / "whole.png")
    assert reference_of(entity("whole.png"), None).mask is None
    assert reference_of(entity(), None) is None


def test_a_users_own_picture_wins(input_folder):
    own = EntityReference(torch.ones(4, 4, 3), None, "given")
    assert reference_of(entity("missing.png"), {"fox": own}) is own
    assert reference_of(entity(), {"hare": own}) is None


def test_what_is_not_a_picture_is_named(input_folder):
    with pytest.raises(ValueError, match="'fox.png', which is not in ComfyUI's input folder"):
        reference_of(entity("fox.png"), None)
    (input_folder / "fox.png").write_text("no picture")
    with pytest.raises(ValueError, match="'fox.png' cannot be read as a picture"):
        reference_of(entity("fox.png"), None)


def test_a_cut_out_stands_in_the_middle_of_grey():
    picture, mask = torch.zeros(20, 30, 3), torch.zeros(20, 30)
    mask[2:16, 20:27] = 1  # 14 high, 7 wide
    shown = shown_alone(picture, mask)
    assert shown.shape == (1, 20, 20, 3)
    dark = shown[0, ..., 0] == 0
    rows, columns = dark.any(1).nonzero().flatten(), dark.any(0).nonzero().flatten()
    assert (rows[0], rows[-1], len(columns)) == (3, 16, 7)
    assert torch.allclose(shown[0][~dark], torch.tensor(GREY))


def test_a_whole_picture_is_made_square():
    shown = shown_alone(torch.zeros(4, 10, 3), None)
    assert shown.shape == (1, 10, 10, 3)
    assert shown[0, 3:7].eq(0).all()
    assert torch.allclose(shown[0, :3], torch.tensor(GREY))


def test_the_node_chains_and_names_what_is_wrong():
    image = torch.zeros(1, 8, 8, 3)
    first, _ = EntityPicture.execute(image, " fox ").result
    both, shown = EntityPicture.execute(image, "hare", torch.ones(1, 8, 8), first).result
    assert (list(first), list(both)) == (["fox"], ["fox", "hare"])
    assert shown.shape == (1, 11, 11, 3)
    with pytest.raises(ValueError, match="Entity Picture: entity is empty"):
        EntityPicture.execute(image, "  ")
    with pytest.raises(ValueError, match="the picture of 'fox': its mask is empty"):
        EntityPicture.execute(image, "fox", torch.zeros(1, 8, 8))
    with pytest.raises(ValueError, match=r"its mask is \(4, 4\) and its picture \(8, 8\) pixels"):
        EntityPicture.execute(image, "fox", torch.ones(1, 4, 4))
