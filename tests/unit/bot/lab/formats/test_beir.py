"""BEIR folders: documents that are gold as a whole, with grades."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from bot.lab.formats import read_questions
from bot.lab.questions import Gold, locate
from index.errors import QuestionsError
from index.records import Span

FILES = {
    "corpus.jsonl": '{"_id": "d1", "title": "Sea", "text": "Herring swim."}\n{"_id": "d2", "text": "Cranes lift."}\n',
    "queries.jsonl": '{"_id": "q1", "text": "what swims"}\n{"_id": "q2", "text": "never judged"}\n',
    "qrels/test.tsv": "query-id\tcorpus-id\tscore\nq1\td1\t2\nq1\td2\t0\n",
}


def write(folder: Path, files: Mapping[str, str]) -> Path:
    (folder / "qrels").mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text)
    return folder


def test_judged_documents_are_gold(tmp_path: Path) -> None:
    """Only queries that something answers are asked; what is judged 0 is none."""
    found = read_questions(write(tmp_path, FILES))
    assert found.whole_documents
    assert found.documents is not None
    assert [(document.path, document.title) for document in found.documents] == [("d1.txt", "Sea"), ("d2.txt", "d2")]
    (question,) = locate(found, found.documents)
    assert (question.id, question.question, question.split) == ("q1", "what swims", "test")
    assert question.gold == (Gold("d1.txt", Span(0, 13), 2),)


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("qrels/test.tsv", "q1\td1\t1\nq9\td1\t1\n", "line 2: queries.jsonl has no query q9"),
        ("qrels/test.tsv", "q1\td9\t1\n", "line 1: corpus.jsonl has no document d9"),
        ("qrels/test.tsv", "q1 d1 1\n", "line 1: is none; expected query-id, corpus-id and score"),
        ("qrels/test.tsv", "q1\td1\t0\n", "judges no document above 0"),
        (
            "corpus.jsonl",
            '{"_id": "d1", "text": "a"}\n{"_id": "d1", "text": "b"}\n',
            "line 2: the id d1 stands in line 1",
        ),
        ("corpus.jsonl", "[]\n", "line 1: is none"),
        ("queries.jsonl", '{"_id": "q1", "text": 7}\n', "line 1: is none"),
        ("queries.jsonl", '{"_id": "q1", "text": "?"}\n', "line 1: the question has no words"),
        ("queries.jsonl", "", "is empty; expected a BEIR folder"),
    ],
)
def test_what_is_wrong_is_named_by_file_and_line(tmp_path: Path, name: str, text: str, told: str) -> None:
    """In whichever of the three files it is."""
    write(tmp_path, {**FILES, name: text})
    with pytest.raises(QuestionsError) as caught:
        read_questions(tmp_path)
    assert any(problem.startswith(str(tmp_path / name)) and told in problem for problem in caught.value.problems)


def test_another_folder_is_refused(tmp_path: Path) -> None:
    """With what was expected."""
    with pytest.raises(QuestionsError, match=r"expected a BEIR folder with corpus\.jsonl"):
        read_questions(tmp_path)


def test_the_split_says_which_judgements_are_read(tmp_path: Path) -> None:
    """A folder has up to three of them; by default, those to test with."""
    write(tmp_path, {**FILES, "qrels/dev.tsv": "q2\td2\t1\n"})
    assert [entry.id for entry in read_questions(tmp_path).entries] == ["q1"]
    assert [(entry.id, entry.split) for entry in read_questions(tmp_path, "dev").entries] == [("q2", "dev")]


def test_a_document_that_is_a_title_alone_can_be_found(tmp_path: Path) -> None:
    """Its title is its text: a question that it answers is asked, and not passed over."""
    corpus = '{"_id": "d1", "title": "Herring swim.", "text": ""}\n{"_id": "d2", "text": "Cranes lift."}\n'
    found = read_questions(write(tmp_path, {**FILES, "corpus.jsonl": corpus}))
    assert found.documents is not None
    (question,) = locate(found, found.documents)
    assert question.gold == (Gold("d1.txt", Span(0, 13), 2),)
    assert found.documents[0].text == "Herring swim."
