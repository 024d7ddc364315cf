"""Asking: each question by itself, over all cores, with what every step ranked and where the question was lost."""

import pytest

from bot.lab.questions import Gold, LabelledQuestion
from bot.lab.run import SYSTEMS, run
from bot.lab.speed import speeds
from index.records import Span
from tests.unit.bot.lab.outcomes import A, B, C, D, labelled, outcome_of
from tests.unit.fakes import TEXTS, contents_of, responder_of

SHORT = {"notes.txt": "Cranes lift. Herring swim. Lamps burn. Ropes hold."}


def test_right_means_overlapping_gold() -> None:
    """An answer is right if its first quote shares a character with gold in the same document, and else wrong."""
    question = labelled("a", B)
    assert outcome_of(question, "answered", Span(25, 38)).is_right
    assert not outcome_of(question, "answered", C).is_right
    assert not outcome_of(question, "answered", A, B).is_right
    assert outcome_of(question, "answered", A, B).is_wrong
    assert not outcome_of(question, "not_found", A).is_wrong
    assert not outcome_of(question, "not_found").is_right


@pytest.mark.parametrize(
    ("gold", "verdict", "shown", "retrieved", "lost"),
    [
        ([B], "answered", [B], True, None),
        ([B], "answered", [C, B], True, "outranked"),
        ([B], "not_found", [C, B], True, "outranked"),
        ([B], "not_found", [B], True, "refused"),
        ([B], "answered", [C], False, "not_retrieved"),
        ([B], "not_found", [C], False, "not_retrieved"),
        ([], "not_found", [C], False, None),
        ([], "answered", [C], False, "answered_unanswerable"),
        ([B], "error", [], False, "not_asked"),
        ([], "error", [], False, "not_asked"),
    ],
)
def test_a_failure_has_the_first_stage_that_lost_it(
    gold: list[Span],
    verdict: str,
    shown: list[Span],
    lost: str | None,
    *,
    retrieved: bool,
) -> None:
    """Not retrieved, then outranked, then refused; or answered though nothing answers."""
    assert outcome_of(labelled("a", *gold), verdict, *shown, retrieved=retrieved).lost == lost  # type: ignore[arg-type]


def test_every_question_is_asked_by_itself_and_comes_back_in_order() -> None:
    """Each gets its own answer under its id, none as a follow-up to another, however many are asked at a time."""
    responder = responder_of(contents_of(TEXTS), threshold=0.6)
    questions = [labelled("a"), LabelledQuestion("b", "And the lighthouse?", ()), labelled("c")]
    told: list[tuple[str, int, int]] = []
    outcomes = run(questions, responder, lambda *step: told.append(step), workers=3)
    assert [outcome.answer.id for outcome in outcomes] == ["a", "b", "c"]
    assert outcomes[1].answer.resolved_question == "And the lighthouse?"
    assert told == [("asking", 1, 3), ("asking", 2, 3), ("asking", 3, 3)]
    assert [outcome.answer.verdict for outcome in outcomes] == [
        responder.answer(question.question).verdict for question in questions
    ]


def test_passages_that_hold_gold_are_relevant() -> None:
    """Every system ranks passages; those that overlap gold are relevant, wherever they are ranked."""
    contents = contents_of(SHORT)
    (outcome,) = run([LabelledQuestion("a", "lamps burn", (Gold("notes.txt", C),))], responder_of(contents))
    holding = [row for row, passage in enumerate(contents.passages) if passage.span.overlaps(C)]
    assert outcome.relevant == (1,) * len(holding)
    for system in SYSTEMS:
        assert sum(outcome.rankings[system]) == len(holding), system
        assert len(outcome.rankings[system]) <= len(contents.passages)
    assert outcome.rankings["terms"][0] == 1
    assert outcome.retrieved
    assert outcome.gold_texts == ("Lamps burn.",)


def test_gold_takes_the_sentences_that_it_stands_in() -> None:
    """A phrase stands in one, a longer piece in several, which count as one quote."""
    questions = [
        LabelledQuestion(str(span.start), "lamps", (Gold("notes.txt", span),))
        for span in (Span(28, 30), Span(14, 40), D)
    ]
    outcomes = run(questions, responder_of(contents_of(SHORT)))
    assert [outcome.sentences for outcome in outcomes] == [
        (("notes.txt", C),),
        (("notes.txt", Span(13, 50)),),
        (("notes.txt", D),),
    ]


def test_whole_documents_are_ranked_at_their_first_passage() -> None:
    """Three documents, of which one is gold with grade 2: each stands in a ranking once."""
    contents = contents_of({"a.txt": "Lamps burn. " * 9, "b.txt": "Ropes hold.", "c.txt": "Cranes lift."})
    question = LabelledQuestion("a", "ropes", (Gold("b.txt", Span(0, 11), 2),))
    (outcome,) = run([question], responder_of(contents), whole_documents=True)
    assert outcome.relevant == (2,)
    assert outcome.rankings["terms"] == (2,)
    assert sorted(outcome.rankings["vectors"]) == [0, 0, 2]


def test_a_question_that_cannot_be_asked_is_lost_there() -> None:
    """It ranks nothing, and counts."""
    (outcome,) = run([LabelledQuestion("a", "?!", (Gold("notes.txt", A),))], responder_of(contents_of(SHORT)))
    assert outcome.lost == "not_asked"
    assert outcome.rankings["fused"] == ()
    assert outcome.relevant


def test_percentiles_by_hand() -> None:
    """Of 1 to 5 ms the median is 3; the 95th percentile lies four fifths of the way from 4 to 5."""
    outcomes = [outcome_of(labelled(str(n)), "not_found", took=float(n)) for n in (5, 1, 4, 2, 3)]
    found = speeds([*outcomes, outcome_of(labelled("x"), "error", took=99.0)])
    assert found["read"] == pytest.approx({"p50": 3.0, "p95": 4.8, "p99": 4.96})
    assert found["total"]["p50"] == 9.0
