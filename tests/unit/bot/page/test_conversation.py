"""What one person has asked so far."""

import pytest

from bot.answer import Answer, failed
from bot.page import conversation
from bot.page.conversation import Conversation, Conversations, previous


def answer(question: str) -> Answer:
    return Answer(question, f"{question} resolved", "not_found", 0.5)


def test_a_follow_up_refers_to_the_last_question_that_could_be_asked() -> None:
    """Errors in between are passed over; at first there is nothing to refer to."""
    wrong = failed("?", "no words", threshold=0.5)
    assert previous(()) is None
    assert previous((wrong,)) is None
    assert previous((answer("one"), answer("two"), wrong)) == "two resolved"


def test_only_what_the_page_shows_is_followed() -> None:
    """In the order of the page, whenever it came; numbers may be unknown."""
    asked = Conversation()
    late, one, two = answer("late"), answer("one"), answer("two")
    asked.add(3, two)
    asked.add(2, one)
    asked.add(1, late)
    assert list(asked.shown({2, 3, 77, -1}).items()) == [(2, one), (3, two)]
    assert asked.shown(()) == {}
    assert [*asked.shown({1, 2, 3})] == [1, 2, 3]


def test_a_conversation_is_bounded() -> None:
    """A tab that a program drives can't fill the memory."""
    long = Conversation()
    for number in range(conversation.MAX_TURNS + 10):
        long.add(number, answer(str(number)))
    kept = long.shown(range(conversation.MAX_TURNS + 10))
    assert [*kept] == [*range(10, conversation.MAX_TURNS + 10)]


def test_each_number_has_a_conversation_of_its_own() -> None:
    """The same number finds the same one, until it is forgotten; what is no number finds one that nobody keeps."""
    kept = Conversations()
    one = kept.of("1" * 32)
    assert kept.of("1" * 32) is one
    assert kept.of("2" * 32) is not one
    kept.forget("1" * 32)
    assert kept.of("1" * 32) is not one
    for nonsense in (None, 7, "", "1" * 31, "G" * 32, ["1" * 32]):
        assert kept.of(nonsense) is not kept.of(nonsense)
        kept.forget(nonsense)


def test_the_longest_idle_conversation_gives_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there are too many, and where nobody has asked for half a day."""
    monkeypatch.setattr(conversation, "MAX_CONVERSATIONS", 2)
    now = 0.0
    kept = Conversations(lambda: now)
    one, two = kept.of("1" * 32), kept.of("2" * 32)
    assert kept.of("1" * 32) is one
    kept.of("3" * 32)
    assert kept.of("1" * 32) is one
    assert kept.of("2" * 32) is not two
    now = 12 * 3600 + 1
    assert kept.of("1" * 32) is not one
