"""Documents -> their sentences and passages, and which of them an older snapshot has already."""

from array import array
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from index.documents import Progress
from index.encoder import Encoder
from index.language import warn_about
from index.passages import Budget, count_tokens, passages_of, prefix_of, sentences_of
from index.records import Document
from index.reuse import Older, words_in
from index.room import Room
from index.settings import IndexSettings
from index.snapshot.spans import key_of
from index.stored import Stored
from index.tables import Keys, Passages, Sentences


@dataclass(frozen=True, slots=True)
class Division:
    """How documents were divided.

    Attributes:
        sentences: of all documents, in their order.
        passages: the same.
        keys: of the passages.
        terms_from: (n_passages,) int64: the row of the older snapshot that has the same terms, or -1.
        vector_from: (n_passages,) int64: the row of the older snapshot that has the same vector, or -1.
        is_prefixed: (n_passages,) bool: whether title and headings are read before it; of new passages only.
        words: every word of the texts with its number of occurrences.
        warnings: why the model serves a document badly, by the document's path.
    """

    sentences: Sentences
    passages: Passages
    keys: Keys
    terms_from: npt.NDArray[np.int64]
    vector_from: npt.NDArray[np.int64]
    is_prefixed: npt.NDArray[np.bool_]
    words: Mapping[str, int]
    warnings: Mapping[str, str]


def divide(  # noqa: PLR0917 - all that it is made of
    documents: Sequence[Document],
    settings: IndexSettings,
    encoder: Encoder,
    older: Older,
    room: Room,
    progress: Progress,
) -> Division:
    """Documents in the order of their paths -> how they are divided.

    Args:
        documents: each is looked at once, in order.
        settings: how.
        encoder: counts tokens.
        older: what an older snapshot offers.
        room: where the tables lie.
        progress: called with ("reading", done, total).
    """
    budget = Budget(
        tokens=settings.passage_tokens,
        overlap_sentences=settings.overlap_sentences,
        count=count_tokens,
        encoder_tokens=encoder.max_tokens,
        encoder_count=encoder.count_tokens,
    )
    sentences, passages = room.array("<i4", Sentences.columns), room.array("<i4", Passages.columns)
    keys = room.array(np.uint8, Keys.size)
    terms_from, vector_from, is_prefixed = array("q"), array("q"), bytearray()
    words: Counter[str] = Counter()
    warnings: dict[str, str] = {}
    n_sentences = 0
    for number, document in enumerate(documents):
        if (taken := older.take(document, number, n_sentences)) is not None:
            own = taken.sentences
            passages.append(taken.passages)
            keys.append(taken.keys)
            terms_from.extend(taken.rows)
            vector_from.extend(taken.rows)
            is_prefixed += bytes(len(taken.rows))
            warning = taken.warning
        else:
            found = sentences_of(document, number)
            made = passages_of(document, found, n_sentences, budget, prefix=settings.prefix)
            fresh = [key_of(prefix + document.readable(passage.span)) for passage, prefix in made]
            own = Sentences.of(found).rows
            passages.append(Passages.of(passage for passage, _ in made).rows)
            keys.append(Keys.of(fresh).rows)
            terms_from.extend([-1] * len(made))
            vector_from.extend(map(older.row_of, fresh))
            is_prefixed += bytes(bool(prefix) for _, prefix in made)
            words.update(words_in(document))
            warning = warn_about(document, encoder)
        sentences.append(own)
        n_sentences += len(own)
        if warning:
            warnings[document.path] = warning
        progress("reading", number + 1, len(documents))
    words.update(older.words)
    return Division(
        sentences=Sentences(sentences.finish()),
        passages=Passages(passages.finish()),
        keys=Keys(Stored(keys.finish())),
        terms_from=np.array(terms_from, np.int64),
        vector_from=np.array(vector_from, np.int64),
        is_prefixed=np.frombuffer(is_prefixed, np.bool_),
        words={word: count for word, count in words.items() if count},
        warnings=warnings,
    )


def texts_of(division: Division, documents: Sequence[Document], rows: npt.NDArray[np.int64]) -> Iterator[str]:
    """Numbers of new passages, rising -> what the model and the terms read of each."""
    number, document, prefixes = -1, None, dict[int, str]()
    for row in rows.tolist():
        passage = division.passages[row]
        if document is None or passage.document != number:
            number, document, prefixes = passage.document, documents[passage.document], {}
        prefix = ""
        if division.is_prefixed[row]:
            start = passage.span.start
            section = document.section(start)  # all in it stands under the same headings
            prefix = prefixes.get(section) or prefixes.setdefault(section, prefix_of(document, start))
        yield prefix + document.readable(passage.span)
