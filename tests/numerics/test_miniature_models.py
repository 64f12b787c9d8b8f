"""The miniature's own modules: padding, tables, captions, schedules, without the host."""

import numpy as np
import pytest
import torch
from video_director.miniature.autoencoder import (
    HOST_WIDTH,
    Autoencoder,
    from_host_state_dict,
    host_state_dict,
)
from video_director.miniature.captions import (
    PLAIN,
    Style,
    cell_of,
    relation_of,
    without_looks,
    write_caption,
)
from video_director.miniature.latent_preview import preview_factors
from video_director.miniature.pool import Pool, cell_owners
from video_director.miniature.vocabulary import (
    COLOURS,
    KINDS,
    MARKS,
    PLACES,
    PLURALS,
    WORDS,
    unknown_words,
)
from video_director.miniature.world import draw_scene, sample_scene, sprite_mask
from video_director.training.running import Average, cosine_rate, load_checkpoint, save_checkpoint


@pytest.fixture
def narrow():
    torch.manual_seed(3)
    return Autoencoder(widths=(4, 6, 8, 8), latent_channels=8).eval()


def wide_twin(narrow):
    wide = Autoencoder(widths=(HOST_WIDTH,) * 4, latent_channels=8).eval()
    wide.load_state_dict(host_state_dict(narrow))
    return wide


def test_padded_autoencoder_computes_the_same_function(narrow):
    wide = wide_twin(narrow)
    pictures = torch.rand(2, 3, 32, 48)
    with torch.no_grad():
        latents = narrow.encode(pictures)
        torch.testing.assert_close(wide.encode(pictures), latents, rtol=0, atol=1e-5)
        torch.testing.assert_close(wide.decode(latents), narrow.decode(latents), rtol=0, atol=1e-5)


def test_shipped_width_comes_back_out_of_the_hosts_layout():
    torch.manual_seed(4)
    model = Autoencoder().eval()
    again = from_host_state_dict(host_state_dict(model))
    for name, value in model.state_dict().items():
        torch.testing.assert_close(again.state_dict()[name], value, rtol=0, atol=0)


def test_captions_mention_every_sprite_once_with_its_kind_and_colour():
    rng = np.random.default_rng(11)
    for _ in range(300):
        scene = sample_scene(rng)
        caption = write_caption(scene, rng, PLAIN)
        told = sorted(number for mention in caption.mentions for number in mention.sprites)
        assert told == list(range(len(scene.sprites))), caption.text
        for mention in caption.mentions:
            sprite = scene.sprites[mention.sprites[0]]
            noun = caption.words[mention.noun]
            assert noun in (sprite.kind, PLURALS[sprite.kind])
            phrase = [caption.words[word] for word in mention.words]
            assert sprite.colour in phrase, caption.text
        assert not set(unknown_words(caption.text)), caption.text


def test_a_caption_can_leave_out_what_pictures_show():
    rng = np.random.default_rng(13)
    marks = {mark for mark in MARKS if mark != "plain"}
    places = [phrase for phrases in PLACES.values() for phrase in phrases]
    for _ in range(300):
        full = write_caption(sample_scene(rng), rng, Style(mark=1.0, no_background=0.0))
        assert any(place in full.text for place in places)
        assert without_looks(full, rng, marks=0.0, place=0.0).words == full.words
        less = without_looks(full, rng, marks=1.0, place=1.0)
        assert not marks & set(less.words)
        assert not any(place in less.text for place in places), less.text
        assert not less.words[0].startswith(",")
        nouns = [full.words[mention.noun] for mention in full.mentions]
        assert [word for word in less.words if word in nouns] == nouns
        only_place = without_looks(full, rng, marks=0.0, place=1.0)
        assert marks & set(only_place.words) == marks & set(full.words)


def test_captions_tell_the_truth_about_places_and_relations():
    rng = np.random.default_rng(12)
    seen = set()
    for _ in range(600):
        scene = sample_scene(rng)
        for mention in write_caption(scene, rng).mentions:
            sprite = scene.sprites[mention.sprites[0]]
            x, y = sprite.centre
            if "cell" in mention.says:
                row, column = divmod(int(mention.says["cell"]), 3)
                assert cell_of(sprite) == (row, column)
                assert column / 3 - 1e-9 <= x <= (column + 1) / 3 + 1e-9
                assert row / 3 - 1e-9 <= y <= (row + 1) / 3 + 1e-9
                seen.add("cell")
            if "relation" in mention.says:
                others = [other for other in scene.sprites if other is not sprite]
                said = mention.says["relation"]
                assert any(relation_of(other, sprite) == said for other in others)
                seen.add(said)
    assert seen == {"cell", "left", "right", "above", "below"}


def test_same_seed_same_caption():
    def caption():
        rng = np.random.default_rng(5)
        return write_caption(sample_scene(rng), rng).text

    assert caption() == caption()


def test_cell_owners_against_a_loop():
    scene = sample_scene(np.random.default_rng(8), count=3)
    owners = cell_owners(scene)
    for row in range(16):
        for column in range(16):
            window = np.s_[row * 8 : row * 8 + 8, column * 8 : column * 8 + 8]
            shares = [sprite_mask(sprite)[window].mean() for sprite in scene.sprites]
            best = int(np.argmax(shares))
            assert owners[row, column] == (best if shares[best] >= 0.35 else -1)


def test_preview_factors_find_a_linear_map_again():
    scenes = [sample_scene(np.random.default_rng([6, index])) for index in range(12)]
    drawn = np.stack([draw_scene(scene) for scene in scenes])
    cells = drawn.reshape(12, 16, 8, 16, 8, 3).mean((2, 4)) / 127.5 - 1
    latents = torch.from_numpy(cells).float().permute(0, 3, 1, 2) * 2 + 0.5
    pool = Pool(latents, torch.zeros(12, 16, 16), scenes)
    mean, std = torch.full((3, 1, 1), 0.5), torch.full((3, 1, 1), 4.0)
    factors, bias = preview_factors(pool, mean, std)
    torch.testing.assert_close(torch.tensor(factors), 2 * torch.eye(3), rtol=0, atol=2e-3)
    torch.testing.assert_close(torch.tensor(bias), torch.zeros(3), rtol=0, atol=2e-3)


def test_words_of_the_world_are_known_and_others_are_named():
    assert {*KINDS, *COLOURS} <= WORDS
    assert unknown_words("A red dragon meets a DRAGON and a blue wyvern") == ["dragon", "wyvern"]


def test_rate_warms_up_stays_and_falls_to_zero():
    rates = [cosine_rate(step, 1000, warmup=100, flat=0.5) for step in range(1001)]
    assert rates[0] == pytest.approx(0.01)
    assert rates[100:501] == [pytest.approx(1.0)] * 401
    assert rates[750] == pytest.approx(0.5, abs=0.01)
    assert rates[1000] == pytest.approx(0.0, abs=1e-9)


def test_average_forgets_its_start_and_follows():
    layer = torch.nn.Linear(1, 1, bias=False)
    average = Average(layer, 0.9)
    with torch.no_grad():
        layer.weight.fill_(5.0)
    for step in range(200):
        average.update(layer, step)
    assert float(average.values["weight"]) == pytest.approx(5.0, abs=1e-3)


def test_an_average_goes_on_from_a_checkpoint_where_it_is():
    layer = torch.nn.Linear(2, 1, bias=False)
    average, kept = Average(layer, 0.9), {"weight": torch.full((1, 2), 3.0)}
    held = average.values["weight"]
    average.load(kept)
    average.update(layer, 10**6)
    assert average.values["weight"] is held  # on the device of the training, not the checkpoint's
    torch.testing.assert_close(held, 0.9 * kept["weight"] + 0.1 * layer.weight.detach())
    assert float(kept["weight"][0, 0]) == 3.0


def test_checkpoint_survives_and_leaves_no_partial_file(tmp_path):
    path = tmp_path / "runs" / "last.pt"
    assert load_checkpoint(path) is None
    save_checkpoint(path, {"step": 3, "weight": torch.arange(4.0)})
    assert load_checkpoint(path)["step"] == 3
    assert [entry.name for entry in path.parent.iterdir()] == ["last.pt"]
