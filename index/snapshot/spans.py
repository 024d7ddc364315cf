"""Tables of spans: 32-bit little-endian integers, a row after another.

sentences.i32   (n_sentences, 4): document, start, end, paragraph
passages.i32    (n_passages, 5): document, start, end, first sentence, end sentence
passages.key    (n_passages, 16) bytes: a digest of what the model read
"""

import hashlib
from collections.abc import Sequence
from typing import cast

import numpy as np

from index.errors import SnapshotDamaged
from index.records import Passage, Sentence
from index.snapshot.files import Files
from index.tables import Passages, Rows, Sentences

SENTENCES, PASSAGES, KEYS = "sentences.i32", "passages.i32", "passages.key"
KEY_BYTES = 16


def key_of(text: str) -> bytes:
    """What the model reads of a passage -> its digest."""
    return hashlib.blake2b(text.encode(), digest_size=KEY_BYTES).digest()


def sentences_to_table(sentences: Sequence[Sentence]) -> memoryview:
    """Sentences -> the bytes of their table."""
    return np.ascontiguousarray(Sentences.of(sentences).rows, "<i4").data


def passages_to_table(passages: Sequence[Passage]) -> memoryview:
    """Passages -> the bytes of their table."""
    return np.ascontiguousarray(Passages.of(passages).rows, "<i4").data


def read_sentences(files: Files, count: int) -> Sentences:
    """Files of a generation -> its sentences.

    Raises:
        SnapshotDamaged: their file is cut short or altered.
    """
    return Sentences(_rows(files, SENTENCES, count, Sentences.columns))


def read_passages(files: Files, count: int) -> Passages:
    """Files of a generation -> its passages.

    Raises:
        SnapshotDamaged: their file is cut short or altered.
    """
    return Passages(_rows(files, PASSAGES, count, Passages.columns))


def read_keys(files: Files, count: int) -> tuple[bytes, ...]:
    """Files of a generation -> the digest of each passage.

    Raises:
        SnapshotDamaged: their file is cut short or altered.
    """
    data = files.array(KEYS, "u1", (count, KEY_BYTES)).tobytes()
    return tuple(data[start : start + KEY_BYTES] for start in range(0, len(data), KEY_BYTES))


def _rows(files: Files, name: str, count: int, columns: int) -> Rows:
    rows = cast("Rows", files.array(name, "<i4", (count, columns)))
    if (rows < 0).any() or (rows[:, 1] > rows[:, 2]).any():
        raise SnapshotDamaged(f"{name} of the index holds what is no span; {files.rebuilding}")
    return rows
