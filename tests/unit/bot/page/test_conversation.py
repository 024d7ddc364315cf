"""What one person has asked so far."""

from bot.answer import Answer, failed
from bot.page import conversation
from bot.page.conversation import Conversation


def answer(question: str) -> Answer:
    return Answer(question, f"{question} resolved", "not_found", 0.5)


def test_a_follow_up_refers_to_the_last_question_that_could_be_asked() -> None:
    """Errors in between are passed over; at first there is nothing to refer to."""
    empty = Conversation()
    assert empty.previous is None
    assert empty.with_answer(failed("", "no words", threshold=0.5)).previous is None
    two = empty.with_answer(answer("one")).with_answer(failed("?", "no words", threshold=0.5))
    assert two.previous == "one resolved"
    assert empty.answers == ()


def test_a_conversation_is_bounded() -> None:
    """A tab that a program drives can't fill the memory."""
    long = Conversation()
    for number in range(conversation.MAX_TURNS + 10):
        long = long.with_answer(answer(str(number)))
    assert len(long.answers) == conversation.MAX_TURNS
    assert long.answers[-1].question == str(conversation.MAX_TURNS + 9)


def test_conversations_are_compared_by_identity() -> None:
    """Gradio hashes a session's state after every event; that must not walk documents."""
    one, other = Conversation(), Conversation()
    assert one != other
