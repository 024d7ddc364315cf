"""SQuAD files and its measures: as SQuAD's own evaluation has them."""

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from index.records import Span
from tests.accuracy.squad2 import Found, exact, paragraph_figures, read_squad, token_f1


@pytest.mark.parametrize(
    ("answer", "gold", "f1"),
    [
        ("The Eiffel Tower!", "eiffel tower", 1.0),
        ("a tower", "eiffel tower", 2 / 3),
        ("tower tower", "tower", 2 / 3),
        ("an", "the", 1.0),  # nothing remains of either
        ("", "tower", 0.0),
        ("22", "twenty-two", 0.0),
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


def _article(title: str, *contexts: tuple[str, list[dict[str, Any]]]) -> dict[str, Any]:
    return {"title": title, "paragraphs": [{"context": context, "qas": qas} for context, qas in contexts]}


@pytest.mark.parametrize("zipped", [False, True])
def test_gold_is_where_the_document_says_it(tmp_path: Path, *, zipped: bool) -> None:
    """Articles become documents of all their paragraphs; answers move along; equal ones count once."""
    twice = [{"text": "swim", "answer_start": 8}] * 2
    asked = {"id": "1", "question": "What do herring do?", "answers": twice}
    unanswerable = {"id": "2", "question": "What do whales do?", "answers": []}
    data = {"data": [_article("The_Sea", ("Cranes lift.", []), ("Herring swim.", [asked, unanswerable]))]}
    raw = json.dumps(data).encode()
    file = tmp_path / ("s.json.gz" if zipped else "s.json")
    file.write_bytes(gzip.compress(raw) if zipped else raw)
    squad = read_squad(file)
    (document,) = squad.documents
    first, second = squad.questions
    assert document.title == "The Sea"
    assert [document.slice(span) for _, span in first.gold] == ["swim"]
    assert document.slice(squad.paragraphs["1"]) == "Herring swim."
    assert not second.is_answerable
    assert document.paragraphs == (Span(0, 12), Span(14, 27))


def test_paragraph_figures_by_hand() -> None:
    """Two answerable questions with F1 1 and 0.5, two that are not; refusing below 1.5 is best."""
    found = [Found(3.0, 1.0, 1.0), Found(2.0, 0.5, 0.0), Found(1.0, 0.0, 0.0), Found(0.0, 0.0, 0.0)]
    lines = list(paragraph_figures(found, np.array([True, True, False, False])))
    assert lines[0] == "F1 of the answerable, no threshold: 0.750 (EM 0.500)"
    assert lines[1] == "AUROC, answerable or not: 1.000"
    assert lines[2].endswith("0.875 / 0.750 / 1.000")
    assert lines[3].endswith("0.875 / 0.750 / 1.000")
