"""Tables of spans: 32-bit little-endian integers, a row after another.

sentences.i32   (n_sentences, 4): document, start, end, paragraph
passages.i32    (n_passages, 5): document, start, end, first sentence, end sentence
passages.key    (n_passages, 16) bytes: a digest of what the model read
"""

import hashlib
from collections.abc import Sequence

import numpy as np

from index.records import Passage, Sentence
from index.snapshot.files import Files
from index.tables import Keys, Passages, Sentences

SENTENCES, PASSAGES, KEYS = "sentences.i32", "passages.i32", "passages.key"


def key_of(text: str) -> bytes:
    """What the model reads of a passage -> its digest."""
    return hashlib.blake2b(text.encode(), digest_size=Keys.size).digest()


def sentences_to_table(sentences: Sequence[Sentence]) -> memoryview:
    """Sentences -> the bytes of their table."""
    return np.ascontiguousarray(Sentences.of(sentences).rows, "<i4").data


def passages_to_table(passages: Sequence[Passage]) -> memoryview:
    """Passages -> the bytes of their table."""
    return np.ascontiguousarray(Passages.of(passages).rows, "<i4").data


def keys_to_table(keys: Sequence[bytes]) -> memoryview:
    """The digests of the passages -> the bytes of their table."""
    return np.ascontiguousarray(Keys.of(keys).rows).data


def read_sentences(files: Files, count: int) -> Sentences:
    """Files of a generation -> its sentences.

    Raises:
        SnapshotDamaged: their file is cut short; whoever looks at one that was altered.
    """
    return Sentences(files.stored(SENTENCES, "<i4", (count, Sentences.columns)))


def read_passages(files: Files, count: int) -> Passages:
    """Files of a generation -> its passages; errors as `read_sentences`."""
    return Passages(files.stored(PASSAGES, "<i4", (count, Passages.columns)))


def read_keys(files: Files, count: int) -> Keys:
    """Files of a generation -> the digest of each passage; errors as `read_sentences`."""
    return Keys(files.stored(KEYS, "u1", (count, Keys.size)))
