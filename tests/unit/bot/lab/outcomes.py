"""Outcomes put together by hand, over a document of four sentences."""

from collections.abc import Sequence

from bot.answer import Answer, Quote, Timings, Verdict
from bot.lab.questions import Gold, LabelledQuestion
from bot.lab.run import SYSTEMS, Outcome
from index.records import Span
from tests.unit.fakes import document_of

DOCUMENT = document_of("Cranes lift. Herring swim. Lamps burn. Ropes hold.")
SENTENCES = A, B, C, D = Span(0, 12), Span(13, 26), Span(27, 38), Span(39, 50)


def labelled(id: str, *gold: Span, path: str = "notes.txt") -> LabelledQuestion:
    return LabelledQuestion(id, f"question {id}?", tuple(Gold(path, span) for span in gold))


def outcome_of(
    question: LabelledQuestion,
    verdict: Verdict,
    *shown: Span,
    probability: float = 0.5,
    ranking: Sequence[int] = (1,),
    marked: Span | None = None,
    retrieved: bool = True,
    took: float = 0.0,
) -> Outcome:
    """A question, what was said, and which sentences were shown; every system ranks alike."""
    quotes = tuple(Quote(DOCUMENT, span, probability, answer=marked) for span in shown)
    answered = verdict == "answered"
    answer = Answer(
        question.question,
        question.question,
        verdict,
        0.5,
        quotes=quotes if answered else (),
        nearest=() if answered else quotes,
        reason=None if answered else "because",
        timings=Timings(took, took, took, 3 * took),
        id=question.id,
    )
    return Outcome(
        question,
        answer,
        dict.fromkeys(SYSTEMS, tuple(ranking)),
        relevant=(1,) * len(question.gold),
        sentences=tuple((gold.document, next(s for s in SENTENCES if s.overlaps(gold.span))) for gold in question.gold),
        gold_texts=tuple(DOCUMENT.slice(gold.span) for gold in question.gold),
        retrieved=retrieved and question.is_answerable,
    )
