"""BM25 over many passages: Quoth's postings beside bm25s and tantivy.

    python -m tests.benchmarks.terms PASSAGES.jsonl.gz --passages 1000000

PASSAGES holds `{"text": ...}` a line; where there are too few, more are made of halves of two. Every engine gets the
same stems, and runs in processes of its own, so that peak memory is its own: one builds, one changes a passage, one
opens and asks. tantivy is no dependency of Quoth's (`pip install tantivy`); without it its row says so.
"""

import argparse
import gzip
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from index.postings import Postings
from index.snapshot import arrays
from index.snapshot.arrays import terms_to_bytes
from index.stored import Stored, Strings
from index.terms import K1, B, TermIndex, merge_terms, terms_of

ENGINES = ("quoth", "bm25s", "tantivy")


def main() -> None:
    """Prints a table: seconds, MB, milliseconds."""
    parser = argparse.ArgumentParser()
    parser.add_argument("passages_file", type=Path)
    parser.add_argument("--passages", type=int, default=1_000_000)
    parser.add_argument("--step", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.step:
        engine, step, folder = given.step
        print(json.dumps(STEPS[engine, step](given.passages_file, Path(folder))))
        return
    print(
        "| | build s | its peak MB | disk MB | one passage changed s | its peak MB | open s | its peak MB | asking ms |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        stems = Path(name) / "stems"
        _write_stems(given.passages_file, given.passages, stems)
        for engine in ENGINES:
            if find_spec(engine if engine != "quoth" else "index") is None:
                print(f"| {engine} | not installed |")
                continue
            folder = Path(name) / engine
            folder.mkdir()
            built, changed, opened = (_run(stems, engine, step, folder) for step in ("build", "change", "open"))
            disk = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6
            cells = [f"{built['s']:.1f}", f"{built['mb']:.0f}", f"{disk:.0f}", f"{changed['s']:.2f}"]
            cells += [f"{changed['mb']:.0f}", f"{opened['s']:.3f}", f"{opened['mb']:.0f}", f"{opened['ms']:.1f}"]
            print(f"| {engine} | {' | '.join(cells)} |", flush=True)


def _run(stems: Path, engine: str, step: str, folder: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.benchmarks.terms", str(stems), "--step", engine, step, str(folder)]
    return dict(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))


def _write_stems(passages: Path, n: int, file: Path) -> None:
    with gzip.open(passages, "rt", encoding="utf-8") as lines:
        rows = [terms_of(json.loads(line)["text"]) for _, line in zip(range(n), lines, strict=False)]
    with file.open("w", encoding="utf-8") as out:
        for number in range(n):
            row, other = rows[number % len(rows)], rows[(number + 7919 * (number // len(rows))) % len(rows)]
            out.write(" ".join(row if number < len(rows) else row[: len(row) // 2] + other[len(other) // 2 :]) + "\n")


def _rows(stems: Path) -> Iterator[list[str]]:
    with stems.open(encoding="utf-8") as lines:
        for line in lines:
            yield line.split()


def _questions(stems: Path) -> list[list[str]]:
    """200 questions of ten terms, each from one passage."""
    with stems.open(encoding="utf-8") as lines:
        rows = [line.split() for line in lines]
    rows = [row for row in rows[:: max(1, len(rows) // 250)] if len(row) >= 10]
    return [list(np.random.default_rng(seed).permutation(row)[:10]) for seed, row in enumerate(rows[:200])]


def _measured(start: float, **more: float) -> dict[str, float]:
    seconds = time.perf_counter() - start
    # Not getrusage: its peak counts the parent's memory at the fork.
    status = Path("/proc/self/status").read_text("ascii")
    return {"s": seconds, "mb": int(status.split("VmHWM:")[1].split()[0]) / 1e3, **more}


def _opened(stems: Path, load: Callable[[], Callable[[list[str]], Any]]) -> dict[str, float]:
    """Opening, memory after the first question, and the median of the others."""
    start = time.perf_counter()
    ask = load()
    found = _measured(start)
    spent = []
    for question in _questions(stems):
        begun = time.perf_counter()
        ask(question)
        spent.append((time.perf_counter() - begun) * 1e3)
    return {**found, "ms": median(spent[1:])}


def quoth_build(stems: Path, folder: Path) -> dict[str, float]:
    """Postings from the terms of every row."""
    start = time.perf_counter()
    with stems.open("rb") as lines:
        n = sum(1 for _ in lines)
    _save(merge_terms(None, np.full(n, -1), _rows(stems)), folder)
    return _measured(start)


def quoth_change(_: Path, folder: Path) -> dict[str, float]:
    """All rows but one taken over."""
    start = time.perf_counter()
    old = _load(folder)
    origin = np.arange(len(old), dtype=np.int64)
    origin[len(old) // 2] = -1
    _save(merge_terms(old, origin, [["a", "changed", "passage"]]), folder)
    return _measured(start)


def quoth_open(stems: Path, folder: Path) -> dict[str, float]:
    """Arrays mapped as an index maps them, but for their digests; a question scored and ranked."""

    def load() -> Callable[[list[str]], Any]:
        index = _load(folder)
        index.scores(["quoth"])
        return lambda terms: index.best(index.scores(terms), 50)

    return _opened(stems, load)


def _save(index: TermIndex, folder: Path) -> None:
    for name, data in terms_to_bytes(index).items():
        (folder / name).write_bytes(data)


def _load(folder: Path) -> TermIndex:
    def mapped(name: str, dtype: str) -> Stored[Any]:
        return Stored(np.memmap(folder / name, dtype, "r"))

    counts_at = mapped(arrays.COUNTS_AT, "<u4")
    n_counts = int(counts_at.whole[-1])
    return TermIndex(
        Postings(
            Strings(mapped(arrays.TERMS, "u1"), mapped(arrays.TERMS_AT, "<u4")),
            mapped(arrays.FREQUENCIES, "<u4"),
            mapped(arrays.GAPS, "u1"),
            mapped(arrays.GAPS_AT, "<u4"),
            mapped(arrays.COUNTS, "<u1" if (folder / arrays.COUNTS).stat().st_size == n_counts else "<u2"),
            counts_at,
            mapped(arrays.LENGTHS, "<i4"),
        )
    )


def bm25s_build(stems: Path, folder: Path) -> dict[str, float]:
    """Scores of every term in every row."""
    import bm25s  # noqa: PLC0415 - measured in a process of its own

    start = time.perf_counter()
    numbers: dict[str, int] = {}
    ids = [[numbers.setdefault(term, len(numbers)) for term in row] for row in _rows(stems)]
    index = bm25s.BM25(k1=K1, b=B, method="lucene", backend="numpy")
    index.index((ids, numbers), show_progress=False)
    index.save(folder, show_progress=False, allow_pickle=False)
    return _measured(start)


def bm25s_change(stems: Path, folder: Path) -> dict[str, float]:
    """All of it again: every score depends on how many rows there are and how long they are."""
    return bm25s_build(stems, folder)


def bm25s_open(stems: Path, folder: Path) -> dict[str, float]:
    """As its own `load` does it, arrays in memory."""
    import bm25s  # noqa: PLC0415 - measured in a process of its own

    def load() -> Callable[[list[str]], Any]:
        index = bm25s.BM25.load(folder, load_corpus=False, allow_pickle=False, show_progress=False)
        index.get_scores(["state"])

        def ask(terms: list[str]) -> Any:
            scores = index.get_scores_from_ids(index.get_tokens_ids(terms))
            best = np.argpartition(scores, -50)[-50:]
            return best[np.argsort(-scores[best])]

        return ask

    return _opened(stems, load)


def tantivy_build(stems: Path, folder: Path) -> dict[str, float]:
    """One field of white-space separated stems, the passage's number as its id."""
    index, tantivy = _tantivy(folder)
    start = time.perf_counter()
    writer = index.writer(heap_size=512_000_000, num_threads=2)
    for number, row in enumerate(_rows(stems)):
        writer.add_document(tantivy.Document(id=number, text=" ".join(row)))
    writer.commit()
    writer.wait_merging_threads()
    return _measured(start)


def tantivy_change(_: Path, folder: Path) -> dict[str, float]:
    """Its own way: the passage's old version is deleted, the new one added."""
    index, tantivy = _tantivy(folder)
    start = time.perf_counter()
    writer = index.writer()
    writer.delete_documents("id", 1000)
    writer.add_document(tantivy.Document(id=1000, text="a changed passage"))
    writer.commit()
    writer.wait_merging_threads()
    return _measured(start)


def tantivy_open(stems: Path, folder: Path) -> dict[str, float]:
    """As its own `Index.open` does it, files mapped."""

    def load() -> Callable[[list[str]], Any]:
        index, tantivy = _tantivy(folder)
        searcher, schema = index.searcher(), index.schema

        def ask(terms: list[str]) -> Any:
            any_of = [
                (tantivy.Occur.Should, tantivy.Query.term_query(schema, "text", term, index_option="freq"))
                for term in terms
            ]
            return searcher.search(tantivy.Query.boolean_query(any_of), 50).hits

        ask(["state"])
        return ask

    return _opened(stems, load)


def _tantivy(folder: Path) -> tuple[Any, Any]:
    import tantivy  # noqa: PLC0415 - no dependency of Quoth's

    schema = tantivy.SchemaBuilder()
    schema.add_integer_field("id", stored=True, indexed=True, fast=True)
    schema.add_text_field("text", stored=False, tokenizer_name="whitespace", index_option="freq")
    return tantivy.Index(schema.build(), path=str(folder)), tantivy


STEPS = {
    (name.split("_")[0], name.split("_")[1]): step
    for name, step in list(globals().items())
    if name.split("_")[0] in ENGINES and callable(step)
}


if __name__ == "__main__":
    main()
