"""JSON lines and CSV: what is read of them, and which line is named where they are wrong."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from bot.lab.formats import read_questions
from bot.lab.questions import Entry, Wanted
from index.errors import QuestionsError
from index.records import Span


def write(folder: Path, text: str | bytes, name: str = "q.csv") -> Path:
    file = folder / name
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return file


def jsonl(folder: Path, *entries: Any) -> Path:
    return write(folder, "".join(json.dumps(entry) + "\n" for entry in entries), "q.jsonl")


def problems_of(file: Path) -> list[str]:
    with pytest.raises(QuestionsError) as caught:
        read_questions(file)
    return [problem.replace(str(file), "FILE") for problem in caught.value.problems]


def test_json_lines_hold_gold_in_three_forms(tmp_path: Path) -> None:
    """An exact string, a document with offsets, a text in a document; empty where nothing answers."""
    gold = ["Herring swim.", {"document": "a.txt", "start": 3, "end": 9}, {"document": "a.txt", "text": "Ropes"}]
    file = jsonl(
        tmp_path,
        {"id": "1", "question": "What swims?", "gold": gold, "kinds": ["fact"], "split": "dev", "author": 2},
        {"id": 2, "question": "What flies?", "gold": []},
    )
    found = read_questions(file)
    assert found.format == "JSONL"
    assert found.documents is None
    assert found.entries == (
        Entry(
            1,
            "1",
            "What swims?",
            (Wanted("Herring swim."), Wanted(document="a.txt", span=Span(3, 9)), Wanted("Ropes", "a.txt")),
            ("fact",),
            "dev",
            "2",
        ),
        Entry(2, "2", "What flies?", ()),
    )


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ([], 'is no JSON object; expected {"id": ..., "question": ..., "gold": [...]}'),
        ({"id": "2", "question": "q", "gold": [], "kinds": 5}, "the kinds are no list of texts"),
        ({"id": "2", "question": "q", "gold": [], "kinds": {"a": 1}}, "the kinds are no list of texts"),
        ({"id": "2", "question": "q"}, "has no gold; expected id, question, gold, gold empty where nothing answers"),
        ({"id": "2", "question": "q", "gold": [], "answer": ""}, "unknown key 'answer'; expected id, question"),
        ({"id": "1", "question": "q", "gold": []}, "the id 1 stands in line 1 already"),
        ({"id": " ", "question": "q", "gold": []}, "the id is no text"),
        ({"id": "2", "question": 7, "gold": []}, "the question is no text"),
        ({"id": "2", "question": " ?", "gold": []}, "the question has no words"),
        ({"id": "2", "question": "q", "gold": None}, "the gold is no list"),
        ({"id": "2", "question": "q", "gold": [""]}, "a gold is an empty string"),
        ({"id": "2", "question": "q", "gold": [7]}, "the gold 7 is none"),
        ({"id": "2", "question": "q", "gold": [{"document": "a", "start": 5, "end": 5}]}, "the gold 5:5 is no span"),
        ({"id": "2", "question": "q", "gold": [{"document": "a", "start": True, "end": 5}]}, "the gold True:5"),
        ({"id": "2", "question": "q", "gold": [{"document": "a", "page": 5}]}, 'the gold {"document": "a", "page": 5}'),
    ],
)
def test_a_line_that_is_wrong_is_named(tmp_path: Path, entry: Any, told: str) -> None:
    """File and line come first, then what is wrong and what was expected."""
    (problem,) = problems_of(jsonl(tmp_path, {"id": "1", "question": "q", "gold": []}, entry))
    assert problem.startswith(f"FILE, line 2: {told}")


def test_every_wrong_line_is_told_at_once(tmp_path: Path) -> None:
    """Whoever mends a file mends it once."""
    file = write(tmp_path, '{"id": \n\n[]\n{"id": "3", "question": "q", "gold": []}\n', "q.jsonl")
    assert [problem.split(":")[0] for problem in problems_of(file)] == ["FILE, line 1", "FILE, line 3"]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_csv_is_read_as_spreadsheets_save_it(tmp_path: Path, separator: str) -> None:
    """With a byte order mark, any of three separators, line breaks in cells, blank rows, columns in any order."""
    rows = [
        ["Question", "ID", "gold"],
        ["What swims?", "1", '"Herring, they say; swim."'],
        ["", "", ""],
        ['"What\nholds?"', "2", '"[""Ropes"", ""Knots""]"'],
        ["What flies?", "3", ""],
    ]
    text = "\ufeff" + "\r\n".join(separator.join(row) for row in rows) + "\r\n"
    assert read_questions(write(tmp_path, text)).entries == (
        Entry(2, "1", "What swims?", (Wanted("Herring, they say; swim."),)),
        Entry(4, "2", "What\nholds?", (Wanted("Ropes"), Wanted("Knots"))),
        Entry(6, "3", "What flies?", ()),
    )


def test_csv_takes_places(tmp_path: Path) -> None:
    """Document, start and end instead of a text; or a document that narrows a text down."""
    text = "id,question,gold,document,start,end\n1,q,,a.txt,3,9\n2,q,Ropes,a.txt,,\n3,q,,,,\n"
    assert [entry.wanted for entry in read_questions(write(tmp_path, text)).entries] == [
        (Wanted(document="a.txt", span=Span(3, 9)),),
        (Wanted("Ropes", "a.txt"),),
        (),
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("id,question,answer\n1,q,\n", "FILE, line 1: unknown column 'answer'; expected id, question, gold, document"),
        ("id,question\n1,q\n", "FILE, line 1: no column gold"),
        ("id,id,question,gold\n1,1,q,\n", "FILE, line 1: the column id stands there twice"),
        ("id,question,gold\n1,q,a\n1,q,b\n", "FILE, line 3: the id 1 stands in line 2 already"),
        ("id,question,gold\n1,q,a,b\n", "FILE, line 2: has 4 cells, not 3; put a cell with “,” in quotes"),
        ('id,question,gold\n1,"q\nq",a\n,q,b\n', "FILE, line 4: the id is no text"),
        ('id,question,gold\n1,q,"a\n', "FILE, line 2: is no CSV"),
        ("id,question,gold,start\n1,q,a,3\n", "FILE, line 2: the place :3: is none"),
        ("id,question,gold,document,start,end\n1,q,a,d,3,4\n", "FILE, line 2: has both a gold and a start or end"),
        ("id,question,gold\n", "FILE holds no question"),
        ("", "FILE is empty"),
        (" \n", "FILE is empty"),
        (b"id,question,gold\n1,q,caf\xe9\n", "FILE, line 2: is not UTF-8; save the file as UTF-8"),
    ],
)
def test_wrong_csv_is_named_by_line(tmp_path: Path, text: str | bytes, told: str) -> None:
    """A cell with line breaks counts from its first line."""
    assert problems_of(write(tmp_path, text))[0].startswith(told)


@pytest.mark.parametrize("name", ["q.pdf", "q"])
def test_a_file_of_another_kind_is_refused(tmp_path: Path, name: str) -> None:
    """With what was expected instead."""
    assert "expected a .jsonl, .csv or .tsv file" in problems_of(write(tmp_path, "id", name))[0]


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """In one line, as every error."""
    assert problems_of(tmp_path / "gone.csv")[0].startswith("FILE cannot be read (No such file or directory); expected")


@pytest.mark.parametrize(
    "text",
    [
        "id,question,gold,,\n1,What swims?,Herring,,\n",
        "id,question,gold\n1,What swims?,Herring,,,\n",
        "sep=;\nid;question;gold\n1;What swims?;Herring\n",
        '\ufeffid,question,gold\r\n1,What swims?,"Herring"\r\n,,\r\n',
    ],
)
def test_what_spreadsheets_add_is_no_obstacle(tmp_path: Path, text: str) -> None:
    """Columns and cells without anything in them, a line that names the separator, a mark at the beginning."""
    (entry,) = read_questions(write(tmp_path, text)).entries
    assert (entry.id, entry.question, entry.wanted) == ("1", "What swims?", (Wanted("Herring"),))


@pytest.mark.parametrize("text", ["id,question,gold,\n1,q,g,x\n", "id,question,gold\n1,q,g,,x\n"])
def test_a_cell_beyond_the_columns_is_named(tmp_path: Path, text: str) -> None:
    """What is filled in without a heading would else be lost unseen."""
    (problem,) = problems_of(write(tmp_path, text))
    assert problem.startswith("FILE, line 2: has ")


def test_lines_are_counted_from_the_beginning_of_the_file(tmp_path: Path) -> None:
    """Also where the first line names the separator."""
    (problem,) = problems_of(write(tmp_path, "sep=;\nid;question;gold\n1;?;x\n"))
    assert problem.startswith("FILE, line 3: the question has no words")


def test_a_quotation_mark_that_is_not_closed_is_told(tmp_path: Path) -> None:
    """It swallows the lines after it: what to look for is said."""
    (problem,) = problems_of(write(tmp_path, 'id,question,gold\n1,"q,g\n2,q,g\n'))
    assert problem == "FILE, line 2: is no CSV (unexpected end of data); see whether each quotation mark is closed"


@pytest.mark.parametrize("name", ["q.xlsx", "q.ods", "q.xls"])
def test_a_spreadsheet_is_told_how_to_save_itself(tmp_path: Path, name: str) -> None:
    """A person with a spreadsheet is one step away from CSV."""
    assert problems_of(write(tmp_path, "PK", name)) == ["FILE is a spreadsheet; save its sheet as CSV (UTF-8)"]


@pytest.mark.parametrize("at", [20, -1])
def test_a_packed_file_that_is_damaged_is_refused(tmp_path: Path, at: int) -> None:
    """Within what is packed, or in its checksum."""
    packed = bytearray(gzip.compress(b'{"id": 1, "question": "q", "gold": []}\n' * 99))
    packed[at] ^= 0xFF
    (problem,) = problems_of(write(tmp_path, bytes(packed), "q.jsonl.gz"))
    assert problem.startswith("FILE ")
    assert "expected a .jsonl, .csv or .tsv file" in problem
