"""How well a quote fits the gold: by hand, and SQuAD's measures on the edge cases of its own evaluation."""

import re
import string
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.lab.quotes import answer_of, answer_values, exact, iou, quote_values, squad_scores, token_f1
from index.records import Span
from tests.unit.bot.lab.outcomes import A, B, C, labelled, outcome_of


@pytest.mark.parametrize(
    ("answer", "gold", "f1"),
    [
        ("The Eiffel Tower!", "eiffel tower", 1.0),
        ("a tower", "eiffel tower", 2 / 3),
        ("tower tower", "tower", 2 / 3),
        ("an", "the", 1.0),  # nothing remains of either
        ("", "tower", 0.0),
        ("22", "twenty-two", 0.0),
        ("twenty-two", "twentytwo", 1.0),  # punctuation goes without a space in its place
        ("U.S.", "us", 1.0),
        ("“tower”", "tower", 0.0),  # typographic quotation marks are no punctuation to the official script
        ("theatre", "atre", 0.0),  # articles are whole words
    ],
)
def test_f1_compares_tokens_without_case_punctuation_and_articles(answer: str, gold: str, f1: float) -> None:
    """Edge cases of the official script, worked out by hand; exact means an F1 of 1 with the tokens in order."""
    assert token_f1(answer, gold) == pytest.approx(f1)
    assert exact(answer, gold) == (1.0 if f1 == 1.0 else 0.0)


def test_the_order_counts_for_an_exact_match() -> None:
    """But not for F1."""
    assert token_f1("tower eiffel", "eiffel tower") == 1.0
    assert exact("tower eiffel", "eiffel tower") == 0.0


@pytest.mark.parametrize(
    ("answer", "gold", "expected"),
    [
        ("", [], (1.0, 1.0)),
        ("tower", [], (0.0, 0.0)),
        ("the", [], (1.0, 1.0)),  # nothing of it remains
        ("", ["tower"], (0.0, 0.0)),
        ("eiffel tower", ["tower", "the eiffel tower"], (1.0, 1.0)),
        ("old tower", ["tower", "old high tower"], (0.0, 0.8)),
        ("", ["the", "!"], (1.0, 1.0)),  # gold of articles and punctuation alone counts as none
        ("tower", ["the", "tower"], (1.0, 1.0)),
    ],
)
def test_the_best_of_all_annotators_counts(answer: str, gold: list[str], expected: tuple[float, float]) -> None:
    """EM and F1, each at its best; where nothing was marked, only silence is right."""
    assert squad_scores(answer, gold) == pytest.approx(expected)


def official(answer: str, gold: str) -> tuple[float, float]:
    """EM and F1 as evaluate-v2.0.py of SQuAD works them out, step by step."""

    def normalize(text: str) -> str:
        text = "".join(ch for ch in text.lower() if ch not in set(string.punctuation))
        return " ".join(re.sub(re.compile(r"\b(a|an|the)\b", re.UNICODE), " ", text).split())

    given, wanted = normalize(answer).split(), normalize(gold).split()
    same = float(normalize(answer) == normalize(gold))
    n_common = sum((Counter(wanted) & Counter(given)).values())
    if not given or not wanted:
        return same, float(given == wanted)
    if n_common == 0:
        return same, 0.0
    precision, recall = n_common / len(given), n_common / len(wanted)
    return same, 2 * precision * recall / (precision + recall)


words = st.lists(
    st.one_of(
        st.sampled_from(("the", "The", "a", "an", "tower", "22", "U.S.", "twenty-two", "’", "!", "\u00a0", "İ")),
        st.text(max_size=3),
    ),
    max_size=6,
).map(" ".join)


@given(words, words)
def test_em_and_f1_are_the_official_ones(answer: str, gold: str) -> None:
    """On whatever two texts."""
    assert (exact(answer, gold), token_f1(answer, gold)) == pytest.approx(official(answer, gold))


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (Span(0, 10), Span(0, 10), 1.0),
        (Span(0, 10), Span(5, 15), 5 / 15),
        (Span(0, 10), Span(2, 4), 0.2),
        (Span(0, 10), Span(10, 20), 0.0),
        (Span(3, 3), Span(3, 3), 0.0),
    ],
)
def test_iou_by_hand(one: Span, other: Span, expected: float) -> None:
    """Common characters over all that either has."""
    assert iou(one, other) == pytest.approx(expected)
    assert iou(other, one) == pytest.approx(expected)


def test_quotes_by_hand() -> None:
    """A whole sentence that is the gold's, one that holds more, one that is another, and none at all."""
    outcomes = [
        outcome_of(labelled("a", A), "answered", A),
        outcome_of(labelled("b", Span(13, 20)), "not_found", B),  # gold: "Herring" of "Herring swim."
        outcome_of(labelled("c", C), "answered", A, C),
        outcome_of(labelled("d", C), "not_found"),
        outcome_of(labelled("e"), "answered", A),  # has no gold to compare with
    ]
    found = {name: values.tolist() for name, values in quote_values(outcomes).items()}
    assert found["right_first"] == [1.0, 1.0, 0.0, 0.0]
    assert found["token_f1"] == pytest.approx([1.0, 2 / 3, 0.0, 0.0])
    assert found["iou"] == pytest.approx([1.0, 7 / 13, 0.0, 0.0])
    assert found["exact_sentence"] == [1.0, 1.0, 0.0, 0.0]


def test_answers_by_hand() -> None:
    """The marked phrase counts; a refusal is an empty answer, right where nothing answers."""
    swim = Span(21, 25)
    outcomes = [
        outcome_of(labelled("a", swim), "answered", B, marked=swim),
        outcome_of(labelled("b", swim), "answered", B),  # no phrase is marked: the quote is the answer
        outcome_of(labelled("c", swim), "not_found", B),
        outcome_of(labelled("d"), "not_found", B),
        outcome_of(labelled("e"), "answered", B),
    ]
    assert [answer_of(outcome) for outcome in outcomes] == ["swim", "Herring swim.", "", "", "Herring swim."]
    found = answer_values(outcomes)
    assert found["answer_em"].tolist() == [1.0, 0.0, 0.0, 1.0, 0.0]
    assert found["answer_f1"].tolist() == pytest.approx([1.0, 2 / 3, 0.0, 1.0, 0.0])
