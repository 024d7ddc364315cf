"""Folders of documents -> what the loaders make of them: `python -m tests.formats SAMPLES [CONTRACTS] [--write]`.

SAMPLES holds one document of each sort that people have; what becomes of each is compared with `samples.json` beside
this file: the reason it is refused for, or its title, and words that it holds with the place that they are cited by.
CONTRACTS holds pairs NAME.pdf and NAME.txt, and `clauses.json`: a list of objects, each with the PDF's `Filename` and,
under a category's name, a list of clauses that lawyers marked in the TXT, written as Python writes one. `--write` puts
the result into docs/formats.md.

Exit code 1 where a sample differs from what is expected, or too few clauses are found.
"""

import ast
import json
import re
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from index.documents import read_corpus
from index.errors import DocumentError
from index.folding import even_out
from index.records import Document
from index.workers import SHARED

EXPECTED = Path(__file__).with_name("samples.json")
REPORT = Path(__file__).parents[2] / "docs" / "formats.md"
BEGIN, END = "<!-- measured -->", "<!-- /measured -->"
# The share of the clauses that must be found.
ENOUGH = 0.98


@dataclass(frozen=True)
class Found:
    """Of the clauses that a contract's TXT holds verbatim, those that its PDF's text holds, and the others."""

    n_found: int
    missed: tuple[str, ...]


def samples_table(folder: Path) -> Iterator[str]:
    """A folder -> a Markdown table: each file, and what became of it."""
    yield "| file | outcome | title | pages | paragraphs | headings | rows | the last paragraph is cited as |"
    yield "|---|---|---|---|---|---|---|---|"
    for file in sorted(folder.iterdir()):
        try:
            data = file.read_bytes()
            document = SHARED.load(file.name, data).documents[0] if data else None
            if document is None:
                yield f"| {file.name} | refused: empty | | | | | | |"
                continue
        except DocumentError as error:
            yield f"| {file.name} | refused: {error} | | | | | | |"
            continue
        place = document.location(document.paragraphs[-1].start)
        yield (
            f"| {file.name} | read | {_cell(document.title)} | {document.n_pages or ''} | {len(document.paragraphs)} | "
            f"{len(document.headings)} | {len(document.layout.rows) or ''} | {_cell(place)} |"
        )


def differences(folder: Path, expected: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    """A folder and what is expected of each of its files -> a line for whatever became of them otherwise.

    Args:
        folder: of the files.
        expected: of each file either `refused`, how the reason begins; or its `title`, words that it `says` (the first
            place counts), and the place that those are cited `at`.
    """
    names = {file.name for file in folder.iterdir()}
    yield from (f"{name}: nothing is expected of it" for name in sorted(names - set(expected)))
    for name, what in expected.items():
        if name not in names:
            yield f"{name}: is not there"
            continue
        found = _became(name, (folder / name).read_bytes(), what.get("says", ""))
        for key, value in what.items():
            if not (found.get(key, "").startswith(value) if key == "refused" else found.get(key) == value):
                yield f"{name}: {key} {value!r} was expected, and is {found.get(key)!r} ({found})"


def _became(name: str, data: bytes, words: str) -> dict[str, str]:
    """A file, and words looked for -> what became of it, as it is expected."""
    if not data:  # as reading a folder refuses it
        return {"refused": "empty"}
    try:
        document = SHARED.load(name, data).documents[0]
    except DocumentError as error:
        return {"refused": str(error)}
    at = document.text.find(words)
    place = {"says": words, "at": document.location(at)} if at >= 0 else {}
    return {"title": document.title, **place}


def find_clauses(document: Document, text: str, clauses: list[str]) -> Found:
    """A contract's PDF as read, its TXT, and clauses -> which of those verbatim in the TXT stand in the PDF's text."""
    copy = even_out(document.text)
    verbatim = [clause for clause in clauses if clause in text]
    missed = tuple(clause for clause in verbatim if copy.find(even_out(clause)) is None)
    return Found(len(verbatim) - len(missed), missed)


def clauses_by_file(folder: Path) -> dict[str, list[str]]:
    """A folder of contracts -> the `plain` name of each -> the clauses marked in it."""
    entries = json.loads((folder / "clauses.json").read_text(encoding="utf-8"))
    return {plain(entry["Filename"]): list(_clauses(entry)) for entry in entries}


def plain(name: str) -> str:
    """A file's name -> its letters and digits, without its ending: files and lists spell it differently."""
    return re.sub(r"[^a-z0-9]", "", name.rsplit(".", 1)[0].lower())


def contracts_report(folder: Path) -> tuple[list[str], float]:
    """A folder of contracts -> lines of Markdown, and the share of the clauses that were found."""
    clauses = clauses_by_file(folder)
    begun = time.perf_counter()
    documents = [d for d in read_corpus(folder).documents if d.path.endswith(".pdf")]
    seconds = time.perf_counter() - begun
    found: list[Found] = []
    for document in documents:
        text = (folder / document.path).with_suffix(".txt").read_text(encoding="utf-8")
        found.append(find_clauses(document, text, clauses[plain(document.path)]))
    n_found, missed = sum(f.n_found for f in found), [clause for f in found for clause in f.missed]
    share = n_found / (n_found + len(missed))
    n_pages = sum(document.n_pages or 0 for document in documents)
    n_clauses = n_found + len(missed)
    lines = [
        f"{len(documents)} contracts, {n_pages} pages, read with their TXT files in {seconds:.0f} s on two cores:",
        f"of {n_clauses} clauses that stand verbatim in the TXT, {n_found} are found in the text taken from",
        f"the PDF, **{share:.1%}** (at least {ENOUGH:.0%} is asked for).",
        "",
        "Not found, each as the TXT has it:",
        "",
        *(f"- {_cell(clause[:90])}{'…' if len(clause) > 90 else ''}" for clause in missed),
    ]
    return lines, share


def main(arguments: list[str]) -> int:
    """Prints the report, or writes it; 1 where a sample is not what it should be or too few clauses were found."""
    folders = [Path(argument) for argument in arguments if not argument.startswith("--")]
    lines = ["## Samples", "", *samples_table(folders[0])]
    share = 1.0
    if len(folders) > 1:
        contracts, share = contracts_report(folders[1])
        lines += ["", "## Contracts", "", *contracts]
    if "--write" in arguments:
        page = REPORT.read_text(encoding="utf-8")
        start, stop = page.index(BEGIN) + len(BEGIN), page.index(END)
        REPORT.write_text(page[:start] + "\n" + "\n".join(lines) + "\n" + page[stop:], encoding="utf-8")
    print("\n".join(lines))
    differing = list(differences(folders[0], json.loads(EXPECTED.read_text(encoding="utf-8"))))
    print("", *(differing or ["All samples are read or refused as expected."]), sep="\n")
    return int(share < ENOUGH or bool(differing))


def _clauses(entry: dict[str, str]) -> Iterator[str]:
    for category, cell in entry.items():
        if category != "Filename" and "Answer" not in category and cell:
            yield from ast.literal_eval(cell)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
