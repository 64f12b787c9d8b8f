"""Training of fusers on pictures with boxes, through the host's own model objects."""

import json
import tarfile

import numpy as np
import pytest
import torch
from accelerate import Accelerator
from PIL import Image
from video_director.attention_patches.grounding_checkpoints import (
    JOINT,
    grounding_state,
    read_grounding,
)
from video_director.miniature.loader import load_miniature
from video_director.miniature.world import draw_scene, sample_scene
from video_director.training.adapter_trainer import Settings
from video_director.training.boxed_checkpoint import BoxedCheckpoint
from video_director.training.boxed_pictures import boxed_pictures
from video_director.training.frozen_checkpoint import Parts
from video_director.training.fusing import build_grounding
from video_director.training.grounding_trainer import GroundingTrainer
from video_director.training.noise import add_noise, signal_shares

CPU = torch.device("cpu")


def note_of(scene):
    boxes = [{"phrase": f"{s.colour} {s.kind}", "box": list(s.box)} for s in scene.sprites]
    return {"caption": "a drawing", "boxes": boxes}


@pytest.fixture
def folder(tmp_path):
    rng = np.random.default_rng(3)
    for number in range(6):
        scene = sample_scene(rng)
        Image.fromarray(draw_scene(scene)).save(tmp_path / f"{number}.png")
        (tmp_path / f"{number}.json").write_text(json.dumps(note_of(scene)))
    return tmp_path


def test_a_folder_and_its_tar_give_the_same_pictures(folder, tmp_path):
    shard = tmp_path / "shard-000.tar"
    with tarfile.open(shard, "w") as tar:
        for path in sorted(folder.glob("[0-9].*")):
            tar.add(path, path.name)
    found = {}
    for source in (str(folder), str(shard), str(tmp_path / "*.tar")):
        pictures = boxed_pictures(source, 128, 0)
        drawn = [next(pictures) for _ in range(12)]
        assert len({one.picture.tobytes() for one in drawn}) == 6
        found[source] = {(one.picture.tobytes(), one.caption, one.boxes) for one in drawn}
    assert len({frozenset(one) for one in found.values()}) == 1


def test_processes_share_the_pictures(folder):
    parts = [boxed_pictures(str(folder), 128, 0, part, 2) for part in range(2)]
    seen = [{next(own).picture.tobytes() for _ in range(9)} for own in parts]
    assert [len(one) for one in seen] == [3, 3]
    assert not seen[0] & seen[1]


def test_boxes_follow_the_cut_to_a_square(tmp_path):
    Image.new("RGB", (200, 100)).save(tmp_path / "wide.png")
    boxes = {"inside": [0.25, 0, 0.5, 1], "half": [0, 0, 0.5, 0.5], "outside": [0, 0, 0.2, 1]}
    told = [{"phrase": name, "box": box} for name, box in boxes.items()]
    (tmp_path / "wide.json").write_text(json.dumps({"caption": "", "boxes": told}))
    found = next(boxed_pictures(str(tmp_path), 64, 0))
    assert found.picture.shape == (64, 64, 3)
    assert dict(found.boxes) == {"inside": (0, 0, 0.5, 1), "half": (0, 0, 0.5, 0.5)}


def test_what_is_wrong_with_pictures_is_named(tmp_path, folder):
    with pytest.raises(ValueError, match="'nothing.tar' names 0 files"):
        next(boxed_pictures("nothing.tar", 64, 0))
    with pytest.raises(ValueError, match="'pipe:.* names 0 files"):
        next(boxed_pictures("pipe:touch never", 64, 0))
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(ValueError, match="has 0 pictures"):
        next(boxed_pictures(str(empty), 64, 0))
    Image.new("RGB", (8, 8)).save(empty / "bad.png")
    note = {"caption": "", "boxes": [{"phrase": "fox", "box": [0.5, 0, 0.2, 1]}]}
    (empty / "bad.json").write_text(json.dumps(note))
    with pytest.raises(ValueError, match=r"bad.png: its JSON must be .*box \[0.5, 0, 0.2, 1\]"):
        next(boxed_pictures(str(empty), 64, 0))


@pytest.fixture(scope="module")
def parts():
    return Parts(*load_miniature(), "0" * 64)


def trainer_on(parts, folder, steps):
    base = BoxedCheckpoint(parts, boxed_pictures(str(folder), 128, 0), 4, 0, CPU)
    torch.manual_seed(0)
    model = build_grounding(base.unet, base.widths)
    return GroundingTrainer(base, model, Settings(steps, 2, 1e-3, 0), Accelerator(cpu=True))


def test_the_same_trainer_learns_on_a_checkpoints_objects(parts, folder, tmp_path):
    trainer = trainer_on(parts, folder, 4)
    before = {key: value.clone() for key, value in trainer.base.unet.state_dict().items()}
    trainer.run(tmp_path / "last.pt", every=2)
    for key, value in trainer.base.unet.state_dict().items():
        assert torch.equal(value, before[key])  # the denoiser is frozen
    changed = [
        float(fuser.attn.to_out[0].weight.detach().abs().max()) for fuser in trainer.model.fusers
    ]
    assert min(changed) > 0
    again = read_grounding(grounding_state(trainer.averaged()), "trained")
    assert again.layout == JOINT
    resumed = trainer_on(parts, folder, 4)
    resumed.resume(tmp_path / "last.pt")
    assert resumed.step == 4
    trainer.base.parts = Parts(*load_miniature(), "1" * 64)
    with pytest.raises(ValueError, match="last.pt was trained on another denoiser"):
        trainer.resume(tmp_path / "last.pt")


def test_silent_fusers_make_no_difference(parts, folder):
    trainer = trainer_on(parts, folder, 4)
    losses = trainer.paired_losses(trainer.base.draw(0, drop_all=0.0))
    assert losses["right"] > 0
    assert losses == dict.fromkeys(losses, losses["right"])


def test_pictures_of_entities_are_their_cut_outs(parts, folder):
    base = BoxedCheckpoint(parts, boxed_pictures(str(folder), 128, 0), 6, 0, CPU)
    asked = base.draw(0, drop_all=0.0).asked
    assert (asked.has_text & asked.has_image).any()
    assert (asked.has_text != asked.has_image).any()
    assert (asked.filled == (asked.boxes.abs().sum(-1) > 0)).all()
    norms = asked.image[asked.has_image].norm(dim=-1)
    torch.testing.assert_close(norms, torch.ones_like(norms))


def test_noise_for_eps_is_the_noise_itself():
    shares, latents = signal_shares(), torch.randn(3, 4, 5, 5)
    times = torch.tensor([10, 500, 990])
    drawn = {
        kind: add_noise(latents, times, shares, torch.Generator().manual_seed(0), kind)
        for kind in ("v", "eps")
    }
    assert torch.equal(drawn["v"].latents, drawn["eps"].latents)
    share = shares[times][:, None, None, None]
    rebuilt = share.sqrt() * latents + (1 - share).sqrt() * drawn["eps"].target
    torch.testing.assert_close(rebuilt, drawn["eps"].latents)
    v = share.sqrt() * drawn["eps"].target - (1 - share).sqrt() * latents
    torch.testing.assert_close(v, drawn["v"].target)
    assert drawn["eps"].weight.flatten().tolist() == pytest.approx(
        (5 * (1 - shares[times]) / shares[times]).clamp(max=1).tolist()
    )
