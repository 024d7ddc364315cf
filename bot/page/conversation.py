"""What one person has asked so far: kept by the server for as long as the tab is open, seen by nobody else."""

from dataclasses import dataclass

from bot.answer import Answer

# More than anybody asks; it only bounds the memory of a tab that a program drives.
MAX_TURNS = 500


@dataclass(frozen=True, slots=True, eq=False)
class Conversation:
    """The answers so far, oldest first.

    Compared by identity: Gradio hashes a session's state after every event, and must not walk the documents.
    """

    answers: tuple[Answer, ...] = ()

    @property
    def previous(self) -> str | None:
        """What a follow-up refers to: how the last question that could be asked was read."""
        readable = (answer.resolved_question for answer in reversed(self.answers) if answer.verdict != "error")
        return next(readable, None)

    def with_answer(self, answer: Answer) -> "Conversation":
        """The conversation one answer longer."""
        return Conversation((*self.answers, answer)[-MAX_TURNS:])
