"""What one person has asked so far: kept by the server for as long as the tab is open, seen by nobody else."""

from collections.abc import Collection, Sequence

from bot.answer import Answer

# More than anybody asks; it only bounds the memory of a tab that a program drives.
MAX_TURNS = 500


class Conversation:
    """The answers so far, each under the number that the page gave its question.

    The page decides what belongs to it: a question that was stopped may be answered all the same, and late, so each
    time the page says which turns it shows. One object for each session, changed in place: answers that come at the
    same time would overwrite each other if each returned a conversation one answer longer. Every change is a single
    operation on a dict, so threads need no lock (and Gradio, which copies this once for each session, could copy none).
    Compared by identity, as Gradio hashes a session's state after every event and must not walk the documents.
    """

    __slots__ = ("_answers",)

    def __init__(self) -> None:
        """Nothing asked yet."""
        self._answers: dict[int, Answer] = {}

    def shown(self, numbers: Collection[int]) -> tuple[Answer, ...]:
        """The numbers of the turns that the page shows -> their answers, oldest first; the others are forgotten.

        Fewer than the numbers where some are not remembered: the server was restarted, or they are too many.
        """
        for number in [number for number in self._answers.copy() if number not in numbers]:
            self._answers.pop(number, None)
        answers = self._answers.copy()
        return tuple(answers[number] for number in sorted(answers) if number in numbers)

    def add(self, number: int, answer: Answer) -> None:
        """Remembers an answer; beyond `MAX_TURNS`, the oldest go."""
        self._answers[number] = answer
        for old in list(self._answers)[:-MAX_TURNS]:
            self._answers.pop(old, None)


def previous(answers: Sequence[Answer]) -> str | None:
    """Answers, oldest first -> what a follow-up refers to: how the last question that could be asked was read."""
    readable = (answer.resolved_question for answer in reversed(answers) if answer.verdict != "error")
    return next(readable, None)
