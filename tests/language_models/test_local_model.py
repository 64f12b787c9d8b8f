"""A model folder run in this process: a tiny Llama of random weights, which talks nonsense."""

import gc
import json
import logging
import time
import weakref

import pytest
from video_director.planning.language_models.errors import LanguageModelError
from video_director.planning.language_models.local_model import LocalModel
from video_director.planning.language_models.opening import check, open_model
from video_director.planning.language_models.profile import Profile

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
tokenizers = pytest.importorskip("tokenizers")

WORDS = "a corgi runs through the park and then sleeps under one old tree while it rains".split()
TEMPLATE = (
    "{% for m in messages %}{{ m['role'] }} {{ m['content'] }} {% endfor %}"
    "{% if add_generation_prompt %}assistant {% endif %}"
)
NO_SYSTEM = "{% if messages[0]['role'] == 'system' %}{{ raise_exception('none') }}{% endif %}"
MESSAGES = [{"role": "system", "content": "the park"}, {"role": "user", "content": "a corgi"}]


class Interrupt(Exception):
    """What a host raises to stop a job."""


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A folder as transformers saves it."""
    folder = tmp_path_factory.mktemp("models") / "planted-folder"
    names = ["[UNK]", "[END]", "system", "user", "assistant", *WORDS]
    words = tokenizers.models.WordLevel(
        {name: number for number, name in enumerate(dict.fromkeys(names))}, unk_token="[UNK]"
    )
    tokenizer = tokenizers.Tokenizer(words)
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    fast = transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, unk_token="[UNK]", eos_token="[END]"
    )
    fast.chat_template = TEMPLATE
    config = transformers.LlamaConfig(
        vocab_size=len(fast),
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=1,
        max_position_embeddings=4096,
        bos_token_id=None,
        eos_token_id=1,
        pad_token_id=1,
    )
    torch.manual_seed(0)
    model = transformers.LlamaForCausalLM(config)
    model.save_pretrained(folder, safe_serialization=True)
    fast.save_pretrained(folder)
    return folder


@pytest.fixture
def profile_of(built):
    def make(folder=built, **options):
        patience = {"timeout": 60, "temperature": 1.0, "seed": 1, "device": "cpu"}
        options = {**patience, **options}
        return Profile(name="test", kind="local", folder=str(folder), options=options)

    return make


@pytest.fixture
def folder(built, tmp_path):
    """A copy of the folder that a test may spoil."""
    copy = tmp_path / "planted-copy"
    copy.mkdir()
    for file in built.iterdir():
        (copy / file.name).write_bytes(file.read_bytes())
    return copy


def ask(model, heard=lambda text: None):
    return model.complete(MESSAGES, None, heard)


def problem_of(profile):
    with pytest.raises(LanguageModelError) as caught:
        ask(LocalModel(profile))
    assert "planted" not in str(caught.value)
    return caught.value.problem


def words_of(text):
    return set(text.split())


def test_it_answers_and_the_seed_repeats_the_answer(profile_of):
    before = torch.get_rng_state()
    model = open_model(profile_of())
    heard = []
    first = ask(model, heard.append)
    assert words_of(first) <= {*WORDS, "system", "user", "assistant"}
    assert heard[-1] == first
    assert ask(model) == first
    assert ask(LocalModel(profile_of(seed=2))) != first
    assert torch.equal(torch.get_rng_state(), before)


def test_it_is_heard_while_it_writes_and_ends_at_an_interrupt(profile_of, folder):
    _never_ends(folder)
    model = LocalModel(profile_of(folder, max_tokens=4000))
    heard = []

    def hear(text):
        heard.append(text)
        if len(words_of(text)) > 3:
            raise Interrupt

    with pytest.raises(Interrupt):
        ask(model, hear)
    count = len(heard[-1].split())
    assert 3 < count < 3900
    begun = time.monotonic()
    model._lock.acquire()  # free again as soon as the broken-off answer has ended
    assert time.monotonic() - begun < 5


def test_it_is_freed(profile_of):
    model = LocalModel(profile_of())
    model.unload()
    ask(model)
    weights = weakref.ref(model._loaded[1])
    model.unload()
    gc.collect()
    assert weights() is None
    assert ask(model)


def test_a_cut_answer_is_told(profile_of, folder):
    _never_ends(folder)
    problem = problem_of(profile_of(folder, max_tokens=5))
    assert "cut off after 5 tokens" in problem
    assert "max_tokens" in problem


def test_the_time_is_bounded(profile_of, folder):
    _never_ends(folder)
    begun = time.monotonic()
    assert "too long" in problem_of(profile_of(folder, timeout=0.2, max_tokens=4000))
    assert time.monotonic() - begun < 20


def test_a_model_that_knows_no_system_hears_it_from_the_user(profile_of, folder):
    _set(folder, "tokenizer_config.json", chat_template=NO_SYSTEM + TEMPLATE)
    (folder / "chat_template.jinja").unlink(missing_ok=True)
    assert ask(LocalModel(profile_of(folder)))


def test_a_model_without_a_chat_template_is_refused(profile_of, folder):
    (folder / "chat_template.jinja").unlink(missing_ok=True)
    _set(folder, "tokenizer_config.json", chat_template=None)
    assert "chat template" in problem_of(profile_of(folder))


def test_pickled_weights_are_refused(profile_of, folder):
    weights = folder / "model.safetensors"
    torch.save({}, folder / "pytorch_model.bin")
    weights.unlink()
    assert ".safetensors" in problem_of(profile_of(folder))
    assert not check(profile_of(folder)).answers


def test_code_of_the_folder_is_not_run(profile_of, folder):
    trap = folder / "ran"
    (folder / "trap.py").write_text(f"open({str(trap)!r}, 'w').close()\n")
    _set(
        folder,
        "config.json",
        model_type="unheard-of",
        auto_map={"AutoConfig": "trap.C", "AutoModelForCausalLM": "trap.M"},
    )
    assert "failed" in problem_of(profile_of(folder))
    assert not trap.exists()


@pytest.mark.parametrize(
    ("missing", "words"),
    [
        (["config.json"], "config.json"),
        (["tokenizer.json", "tokenizer_config.json", "chat_template.jinja"], "tokenizer"),
    ],
)
def test_an_incomplete_folder_is_told(missing, words, profile_of, folder):
    for name in missing:
        (folder / name).unlink(missing_ok=True)
    assert words in problem_of(profile_of(folder))


def test_broken_weights_are_told_without_the_folder(profile_of, folder, caplog):
    caplog.set_level(logging.DEBUG)
    (folder / "model.safetensors").write_bytes(b"\x00" * 64)
    assert "folder is complete" in problem_of(profile_of(folder))
    assert "planted" not in caplog.text


def test_no_folder_is_told(profile_of, tmp_path):
    assert "cannot be read" in problem_of(profile_of(tmp_path / "planted-none"))


def test_an_adapter_is_refused(profile_of, folder):
    (folder / "adapter_config.json").write_text("{}")
    assert "merge" in problem_of(profile_of(folder))


def test_a_sound_folder_is_said_to_answer(profile_of):
    assert check(profile_of()).answers


def _never_ends(folder):
    for name in ("config.json", "generation_config.json"):
        _set(folder, name, eos_token_id=None)


def _set(folder, name, **values):
    path = folder / name
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))
