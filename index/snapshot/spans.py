"""Tables of spans: 32-bit little-endian integers, a row after another.

sentences.i32   (n_sentences, 4): document, start, end, paragraph
passages.i32    (n_passages, 5): document, start, end, first sentence, end sentence
passages.key    (n_passages, 16) bytes: a digest of what the model read
"""

import hashlib
from collections.abc import Sequence

import numpy as np

from index.records import Passage, Sentence, Span
from index.snapshot.files import Files

SENTENCES, PASSAGES, KEYS = "sentences.i32", "passages.i32", "passages.key"
KEY_BYTES = 16


def key_of(text: str) -> bytes:
    """What the model reads of a passage -> its digest."""
    return hashlib.blake2b(text.encode(), digest_size=KEY_BYTES).digest()


def sentences_to_table(sentences: Sequence[Sentence]) -> memoryview:
    """Sentences -> the bytes of their table."""
    return _table([(s.document, s.span.start, s.span.end, s.paragraph) for s in sentences])


def passages_to_table(passages: Sequence[Passage]) -> memoryview:
    """Passages -> the bytes of their table."""
    return _table([(p.document, p.span.start, p.span.end, p.sentences.start, p.sentences.stop) for p in passages])


def read_sentences(files: Files, count: int) -> tuple[Sentence, ...]:
    """Files of a generation -> its sentences.

    Raises:
        SnapshotDamaged: their file is cut short or altered.
    """
    rows = files.array(SENTENCES, "<i4", (count, 4)).tolist()
    return tuple(Sentence(document, Span(start, end), paragraph) for document, start, end, paragraph in rows)


def read_passages(files: Files, count: int) -> tuple[Passage, ...]:
    """Files of a generation -> its passages.

    Raises:
        SnapshotDamaged: their file is cut short or altered.
    """
    rows = files.array(PASSAGES, "<i4", (count, 5)).tolist()
    return tuple(Passage(document, Span(start, end), range(first, stop)) for document, start, end, first, stop in rows)


def read_keys(files: Files, count: int) -> tuple[bytes, ...]:
    """Files of a generation -> the digest of each passage.

    Raises:
        SnapshotDamaged: their file is cut short or altered.
    """
    data = files.array(KEYS, "u1", (count, KEY_BYTES)).tobytes()
    return tuple(data[start : start + KEY_BYTES] for start in range(0, len(data), KEY_BYTES))


def _table(rows: list[tuple[int, ...]]) -> memoryview:
    return np.array(rows, dtype="<i4").data
