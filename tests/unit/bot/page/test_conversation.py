"""What one person has asked so far."""

from bot.answer import Answer, failed
from bot.page import conversation
from bot.page.conversation import Conversation, previous


def answer(question: str) -> Answer:
    return Answer(question, f"{question} resolved", "not_found", 0.5)


def test_a_follow_up_refers_to_the_last_question_that_could_be_asked() -> None:
    """Errors in between are passed over; at first there is nothing to refer to."""
    wrong = failed("?", "no words", threshold=0.5)
    assert previous(()) is None
    assert previous((wrong,)) is None
    assert previous((answer("one"), answer("two"), wrong)) == "two resolved"


def test_only_what_the_page_shows_is_remembered() -> None:
    """In the order of the page, whenever it came; the rest is forgotten for good, and numbers may be unknown."""
    asked = Conversation()
    late, one, two = answer("late"), answer("one"), answer("two")
    asked.add(3, two)
    asked.add(2, one)
    asked.add(1, late)
    assert asked.shown({2, 3, 77, -1}) == (one, two)
    assert asked.shown({1, 2, 3}) == (one, two)
    assert asked.shown(()) == ()
    assert asked.shown({2, 3}) == ()


def test_a_conversation_is_bounded() -> None:
    """A tab that a program drives can't fill the memory."""
    long = Conversation()
    for number in range(conversation.MAX_TURNS + 10):
        long.add(number, answer(str(number)))
    kept = long.shown(range(conversation.MAX_TURNS + 10))
    assert len(kept) == conversation.MAX_TURNS
    assert kept[-1].question == str(conversation.MAX_TURNS + 9)


def test_conversations_are_compared_by_identity() -> None:
    """Gradio hashes a session's state after every event; that must not walk documents."""
    one, other = Conversation(), Conversation()
    assert one != other
