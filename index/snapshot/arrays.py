"""What is searched, as little-endian arrays, and the words of the corpus.

vectors.f32     (n_passages, dimension) float32, rows of unit length
terms.txt       the terms in the order of their code points, a line each; a term's number is its line, from 0
terms.starts    (n_terms + 1,) int64: term t has the postings starts[t] to starts[t + 1]
terms.rows      (n_postings,) int32: the passage, rising within a term
terms.counts    (n_postings,) int32: how often the term stands there
terms.lengths   (n_passages,) int32: how many terms the passage has
words.json      word -> number of occurrences, sorted
"""

import json
from collections.abc import Mapping
from typing import cast

import numpy as np
import numpy.typing as npt

from index.encoder import Vectors
from index.errors import SnapshotDamaged
from index.snapshot.files import Files
from index.snapshot.manifest import as_json
from index.terms import Postings, TermIndex
from index.vectors import VectorIndex

VECTORS, WORDS = "vectors.f32", "words.json"
TERMS, STARTS, ROWS, COUNTS, LENGTHS = "terms.txt", "terms.starts", "terms.rows", "terms.counts", "terms.lengths"


def vectors_to_bytes(vectors: VectorIndex) -> memoryview:
    """Vectors -> the bytes of their file."""
    return vectors.rows.astype("<f4", copy=False).data


def read_vectors(files: Files, n_rows: int, dimension: int) -> VectorIndex:
    """Files of a generation -> its vectors.

    Raises:
        SnapshotDamaged: their file is cut short or altered.
    """
    return VectorIndex(cast("Vectors", files.array(VECTORS, "<f4", (n_rows, dimension))))


def terms_to_bytes(terms: TermIndex) -> dict[str, bytes | memoryview]:
    """Terms -> the bytes of their files, by name."""
    postings = terms.postings
    return {
        TERMS: "".join(f"{term}\n" for term in postings.terms).encode(),
        STARTS: postings.starts.astype("<i8", copy=False).data,
        ROWS: postings.rows.astype("<i4", copy=False).data,
        COUNTS: postings.counts.astype("<i4", copy=False).data,
        LENGTHS: postings.lengths.astype("<i4", copy=False).data,
    }


def read_terms(files: Files, n_rows: int, n_terms: int, n_postings: int) -> TermIndex:
    """Files of a generation -> its terms.

    Raises:
        SnapshotDamaged: one of their files is cut short or altered.
    """

    def numbers(name: str, shape: int) -> npt.NDArray[np.int32]:
        return cast("npt.NDArray[np.int32]", files.array(name, "<i4", (shape,)))

    terms = tuple(files.read(TERMS).decode().split("\n")[:-1])
    if len(terms) != n_terms:
        raise SnapshotDamaged(f"{TERMS} of the index has {len(terms)} terms, expected {n_terms}; {files.rebuilding}")
    return TermIndex(
        Postings(
            terms=terms,
            starts=cast("npt.NDArray[np.int64]", files.array(STARTS, "<i8", (n_terms + 1,))),
            rows=numbers(ROWS, n_postings),
            counts=numbers(COUNTS, n_postings),
            lengths=numbers(LENGTHS, n_rows),
        )
    )


def words_to_bytes(words: Mapping[str, int]) -> bytes:
    """Words -> the bytes of their file."""
    return as_json(dict(sorted(words.items())))


def read_words(files: Files) -> dict[str, int]:
    """Files of a generation -> its words.

    Raises:
        SnapshotDamaged: their file is cut short or altered.
    """
    return dict(json.loads(files.read(WORDS)))
