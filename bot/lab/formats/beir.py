"""BEIR folders: `corpus.jsonl`, `queries.jsonl`, `qrels/*.tsv`; the corpus is the documents, which are gold as a whole.

Thakur et al., "BEIR: A Heterogenous Benchmark for Zero-shot Evaluation of Information Retrieval Models" (2021),
arXiv:2104.08663. Asked are the queries that the judgements name; what they judge above 0 is gold.
"""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bot.lab.questions import Entry, QuestionFile, Wanted, complain
from bot.question import validate
from index.errors import QuestionError, QuestionsError
from index.records import Document, Span

_CORPUS, _QUERIES = "corpus.jsonl", "queries.jsonl"
# The first of these that is there.
_JUDGEMENTS = ("qrels/test.tsv", "qrels/dev.tsv", "qrels/train.tsv")
_EXPECTED = f"expected a BEIR folder with {_CORPUS}, {_QUERIES} and {_JUDGEMENTS[0]}"
_CELLS = 3


def read(folder: Path, split: str | None = None) -> QuestionFile:
    """A BEIR folder -> its judged queries and its documents; `split` names the judgements, if there are such.

    Raises:
        QuestionsError: a file is missing or empty, or lines of them are wrong; names them.
    """
    names = (*([f"qrels/{split}.tsv"] if split else []), *_JUDGEMENTS)
    judgements = next((folder / name for name in names if (folder / name).is_file()), folder / _JUDGEMENTS[0])
    digest = hashlib.sha256()
    texts = {}
    for file in (folder / _CORPUS, folder / _QUERIES, judgements):
        try:
            raw = file.read_bytes()
            texts[file] = raw.decode("utf-8-sig")
        except OSError as error:
            raise QuestionsError((f"{file} cannot be read ({error.strerror}); {_EXPECTED}",)) from error
        except UnicodeDecodeError as error:
            line = raw[: error.start].count(b"\n") + 1
            raise QuestionsError((f"{file}, line {line}: is not UTF-8; {_EXPECTED}",)) from error
        if not raw.strip():
            raise QuestionsError((f"{file} is empty; {_EXPECTED}",))
        digest.update(raw)
    problems: list[str] = []
    documents = dict(_documents(folder / _CORPUS, texts[folder / _CORPUS], problems))
    queries = dict(_queries(folder / _QUERIES, texts[folder / _QUERIES], problems))
    relevance = _judged(judgements, texts[judgements], problems, documents, queries)
    complain(problems)
    entries = tuple(
        Entry(
            queries[id][0],
            id,
            queries[id][1],
            tuple(
                Wanted(document=documents[name].path, span=Span(0, len(documents[name].text)), relevance=grade)
                for name, grade in sorted(grades.items())
            ),
            split=judgements.stem,
        )
        for id, grades in relevance.items()
    )
    if not entries:
        raise QuestionsError((f"{judgements} judges no document above 0; {_EXPECTED}",))
    ordered = tuple(sorted(documents.values(), key=lambda document: document.path))
    return QuestionFile(folder, "BEIR", digest.hexdigest(), entries, ordered, whole_documents=True)


def _objects(file: Path, text: str, problems: list[str]) -> Iterator[tuple[int, str, dict[str, Any]]]:
    """A file of JSON lines -> line, `_id` and object of each, no id twice."""
    seen: dict[str, int] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
            id = str(entry["_id"])
            entry["text"] += ""  # TypeError if it is no text
        except (ValueError, KeyError, TypeError, RecursionError):
            problems.append(f'{file}, line {number}: is none; expected {{"_id": ..., "text": ...}}')
            continue
        if id in seen:
            problems.append(f"{file}, line {number}: the id {id} stands in line {seen[id]} already")
            continue
        seen[id] = number
        yield number, id, entry


def _documents(file: Path, text: str, problems: list[str]) -> Iterator[tuple[str, Document]]:
    for _, id, entry in _objects(file, text, problems):
        title = str(entry.get("title") or "").strip()
        body = entry["text"].strip() or title
        paragraphs = (Span(0, len(body)),) if body else ()
        yield id, Document(f"{id}.txt", title or id, body, "", (), paragraphs)


def _queries(file: Path, text: str, problems: list[str]) -> Iterator[tuple[str, tuple[int, str]]]:
    for number, id, entry in _objects(file, text, problems):
        yield id, (number, entry["text"])


def _judged(
    file: Path,
    text: str,
    problems: list[str],
    documents: dict[str, Document],
    queries: dict[str, tuple[int, str]],
) -> dict[str, dict[str, int]]:
    """Lines of query, document, grade -> the grades above 0, by query; the first line may be a header."""
    relevance: dict[str, dict[str, int]] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        cells = line.rstrip("\r").split("\t")
        if not line.strip() or (number == 1 and cells[-1] == "score"):
            continue
        where = f"{file}, line {number}:"
        if len(cells) != _CELLS or not cells[2].lstrip("-").isdecimal():
            problems.append(f"{where} is none; expected query-id, corpus-id and score, with tabs between")
            continue
        query, document, grade = cells[0], cells[1], int(cells[2])
        if query not in queries:
            problems.append(f"{where} {_QUERIES} has no query {query}")
        elif document not in documents:
            problems.append(f"{where} {_CORPUS} has no document {document}")
        elif grade > 0 and documents[document].text:
            try:
                validate(queries[query][1])
            except QuestionError as error:
                problems.append(f"{file.parent.parent / _QUERIES}, line {queries[query][0]}: {error}")
                continue
            relevance.setdefault(query, {})[document] = grade
    return relevance
