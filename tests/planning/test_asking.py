"""Questions to a language model: asked again with what was wrong, bounded, and kept on disk."""

import json
import logging

import pytest
from video_director.planning.asking import AnswerError, Asker, Message, Question
from video_director.planning.kept_answers import KeptAnswers
from video_director.planning.schema import PlanError


class Scripted:
    """Answers in turn, and remembers what it was asked."""

    def __init__(self, *answers):
        self.answers, self.asked = list(answers), []

    def complete(self, messages, schema, heard):
        self.asked.append([dict(message) for message in messages])
        heard(self.answers[0])
        return self.answers.pop(0)


def numbers(text):
    """Reads "1 2 3"; three numbers are wanted."""
    words = text.split()
    problems = [f"[{at}]: {word!r} is no number" for at, word in enumerate(words) if word == "x"]
    if problems:
        raise PlanError(problems)
    if len(words) != 3:
        raise PlanError(f"numbers: {len(words)} came; give 3")
    return [int(word) for word in words]


def question(mend=None):
    return Question((Message(role="user", content="three numbers"),), None, numbers, mend)


def test_a_usable_answer_is_returned_at_once():
    model, heard = Scripted("1 2 3"), []
    assert Asker(model, heard.append)(question()) == [1, 2, 3]
    assert len(model.asked) == 1
    assert heard == ["1 2 3"]


def test_a_failed_answer_is_told_back_with_what_was_wrong():
    model = Scripted("1 2", "1 2 3")
    assert Asker(model, len)(question()) == [1, 2, 3]
    first, second = model.asked
    assert second[: len(first)] == first
    assert second[-2] == {"role": "assistant", "content": "1 2"}
    assert "numbers: 2 came; give 3" in second[-1]["content"]


def test_the_last_failure_shows_what_came_back():
    model = Scripted("1", "1 2", "1 2 3 4")
    with pytest.raises(AnswerError, match="4 came; give 3") as caught:
        Asker(model, len)(question())
    assert caught.value.attempts == 3
    assert caught.value.reply == "1 2 3 4"
    assert "asked 3 times" in str(caught.value)
    assert str(caught.value).endswith("1 2 3 4")


def test_a_failed_answer_is_forgotten_at_the_next_failure():
    model = Scripted("1", "1 2", "1 2 3")
    Asker(model, len)(question())
    assert [len(asked) for asked in model.asked] == [1, 3, 3]


def mend(reply, error):
    """Ask for the numbers that are none, and put them where they were missing."""
    words = reply.split()
    if "x" not in words:
        return None

    def merged(text):
        new = iter(text.split())
        return numbers(" ".join(next(new, "x") if word == "x" else word for word in words))

    told = Message(role="user", content=f"only {words.count('x')} numbers")
    return Question((told,), None, merged, mend)


def test_only_the_broken_part_is_asked_again():
    model = Scripted("1 x 3", "7")
    assert Asker(model, len)(question(mend)) == [1, 7, 3]
    assert model.asked[1] == [{"role": "user", "content": "only 1 numbers"}]


def test_a_part_that_fails_is_asked_again_as_a_part():
    model = Scripted("1 x x", "", "8 9")
    assert Asker(model, len)(question(mend)) == [1, 8, 9]
    assert [asked[0]["content"] for asked in model.asked[1:]] == ["only 2 numbers"] * 2


def test_what_is_raised_while_listening_ends_it():
    def heard(text):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Asker(Scripted("1 2 3"), heard)(question())


def test_no_tries_are_refused():
    with pytest.raises(ValueError, match="tries is 0"):
        Asker(Scripted(), len, tries=0)


def kept(folder, take=0, model="m"):
    return KeptAnswers(folder, {"model": model}, take)


def test_a_kept_answer_is_not_asked_again(tmp_path):
    Asker(Scripted("1", "1 2 3"), len, kept(tmp_path))(question())
    assert Asker(Scripted(), len, kept(tmp_path))(question()) == [1, 2, 3]


def test_another_take_model_or_question_is_asked(tmp_path):
    Asker(Scripted("1 2 3"), len, kept(tmp_path))(question())
    other = Question((Message(role="user", content="other"),), None, numbers)
    for memory, asked in (
        (kept(tmp_path, take=1), question()),
        (kept(tmp_path, model="n"), question()),
        (kept(tmp_path), other),
        (kept(tmp_path), Question(question().messages, {"type": "array"}, numbers)),
    ):
        assert Asker(Scripted("4 5 6"), len, memory)(asked) == [4, 5, 6]
    assert len(list(tmp_path.iterdir())) == 5


def test_failures_are_not_kept(tmp_path):
    with pytest.raises(AnswerError):
        Asker(Scripted("1", "2", "3"), len, kept(tmp_path))(question())
    assert list(tmp_path.iterdir()) == []


def test_kept_answers_that_cannot_be_used_any_more_are_replaced(tmp_path):
    kept(tmp_path).keep(question().messages, None, ["1 2"])
    assert Asker(Scripted("1 2 3"), len, kept(tmp_path), tries=1)(question()) == [1, 2, 3]
    assert kept(tmp_path).recall(question().messages, None) == ["1 2", "1 2 3"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"answers": [1]}', '{"answers": "1 2 3"}', "\0"])
def test_a_damaged_file_is_passed_over(tmp_path, caplog, text):
    Asker(Scripted("1 2 3"), len, kept(tmp_path))(question())
    (file,) = tmp_path.iterdir()
    file.write_text(text)
    with caplog.at_level(logging.WARNING):
        assert Asker(Scripted("4 5 6"), len, kept(tmp_path))(question()) == [4, 5, 6]
    assert "is damaged" in caplog.text
    assert json.loads(file.read_text())["answers"] == ["4 5 6"]


def test_a_folder_that_cannot_be_written_loses_no_answer(tmp_path, caplog):
    blocked = tmp_path / "file"
    blocked.write_text("")
    assert Asker(Scripted("1 2 3"), len, kept(blocked))(question()) == [1, 2, 3]
    assert "could not be kept" in caplog.text
    assert str(tmp_path) not in caplog.text
