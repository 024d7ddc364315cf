"""SQuAD files: articles become documents, answers move along, and what does not fit is named."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from bot.lab.formats import read_questions
from bot.lab.questions import locate
from index.errors import QuestionsError
from index.records import Span


def article(title: str, *contexts: tuple[str, list[dict[str, Any]]]) -> dict[str, Any]:
    return {"title": title, "paragraphs": [{"context": context, "qas": qas} for context, qas in contexts]}


def asked(id: str, *answers: tuple[str, int], question: str = "What?") -> dict[str, Any]:
    return {
        "id": id,
        "question": question,
        "answers": [{"text": text, "answer_start": start} for text, start in answers],
    }


def write(folder: Path, *articles: dict[str, Any], name: str = "s.json") -> Path:
    file = folder / name
    raw = json.dumps({"data": articles}, indent=1).encode()
    file.write_bytes(gzip.compress(raw) if name.endswith(".gz") else raw)
    return file


@pytest.mark.parametrize("name", ["s.json", "s.json.gz"])
def test_gold_is_where_the_document_says_it(tmp_path: Path, name: str) -> None:
    """Articles become documents of all their paragraphs; answers move along; equal ones count once."""
    file = write(
        tmp_path,
        article("The_Sea", ("Cranes lift.", []), ("Herring swim.", [asked("1", ("swim", 8), ("swim", 8)), asked("2")])),
        name=name,
    )
    found = read_questions(file)
    assert found.documents is not None
    assert found.paragraphs is not None
    (document,) = found.documents
    first, second = locate(found, found.documents)
    assert document.title == "The Sea"
    assert [document.slice(gold.span) for gold in first.gold] == ["swim"]
    assert first.split == "The_Sea"
    assert document.slice(found.paragraphs["1"]) == "Herring swim."
    assert not second.is_answerable
    assert document.paragraphs == (Span(0, 12), Span(14, 27))


def test_articles_of_one_title_are_two_documents(tmp_path: Path) -> None:
    """Gold stays in its own."""
    sea = [article("Sea", (text, [asked(text, ("swim", 8))])) for text in ("Herring swim.", "Mullets swim.")]
    found = read_questions(write(tmp_path, *sea))
    assert found.documents is not None
    assert [question.gold[0].document for question in locate(found, found.documents)] == ["Sea.txt", "Sea (2).txt"]


@pytest.mark.parametrize(
    ("question", "told"),
    [
        (asked("2", ("swim", 7)), "question 2: the answer “swim” does not stand at 7 of its paragraph"),
        (asked("2", ("swim", -5)), "question 2: the answer “swim” does not stand at -5 of its paragraph"),
        (asked("1"), "the id 1 stands there twice"),
        (asked("2", question="?"), "question 2: the question has no words"),
        ({"id": "2", "question": "q"}, "has no answers"),
    ],
)
def test_what_does_not_fit_is_named_by_line(tmp_path: Path, question: dict[str, Any], told: str) -> None:
    """With the line on which the question's id stands."""
    file = write(tmp_path, article("Sea", ("Herring swim.", [asked("1"), question])))
    lines = file.read_text().splitlines()
    line = max(number for number, text in enumerate(lines, start=1) if f'"id": "{question["id"]}"' in text)
    with pytest.raises(QuestionsError) as caught:
        read_questions(file)
    assert caught.value.problems[0].startswith(f"{file}, line {line}: {told}")


@pytest.mark.parametrize("text", ['{"data": [}', "[]", '{"data": [7]}', '{"data": []}'])
def test_other_json_is_refused(tmp_path: Path, text: str) -> None:
    """What was expected is said."""
    file = tmp_path / "s.json"
    file.write_text(text)
    with pytest.raises(QuestionsError, match=r"expected SQuAD"):
        read_questions(file)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"data": [{"title": "A"}]}', "has no paragraphs"),
        (
            '{"data": [{"title": "A", "paragraphs": [{"context": "c", "qas": [{"id": "1", "question": "q"}]}]}]}',
            "has no answers",
        ),
        ('{"data": "x"}', "is not SQuAD"),
        ('{"data": [5]}', "is not SQuAD"),
    ],
)
def test_what_is_missing_is_named_in_plain_words(tmp_path: Path, text: str, told: str) -> None:
    """And not as Python would."""
    file = tmp_path / "s.json"
    file.write_text(text)
    with pytest.raises(QuestionsError) as caught:
        read_questions(file)
    (problem,) = caught.value.problems
    assert problem.startswith(f"{file}, line 1: {told}; expected SQuAD")


def test_an_answer_whose_place_is_no_number_is_named(tmp_path: Path) -> None:
    """By its question, together with what else is wrong."""
    odd = asked("1", ("swim", 8))
    odd["answers"][0]["answer_start"] = "8"
    file = write(tmp_path, article("Sea", ("Herring swim.", [odd, asked("2", ("swim", 3))])))
    with pytest.raises(QuestionsError) as caught:
        read_questions(file)
    assert ["question 1" in problem for problem in caught.value.problems] == [True, False]
    assert all("does not stand at" in problem for problem in caught.value.problems)
