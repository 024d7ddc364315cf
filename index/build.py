"""Corpus -> snapshot: every step of `index` composed. What an older snapshot has already is not worked out again.

A corpus may be larger than memory: texts, vectors and postings lie in the room (`index.room`), and a passage's text is
taken from its document when it is read.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import numpy as np

from index.division import divide, texts_of
from index.documents import left_out_by_file, read_corpus, refuse_unusable
from index.encoder import Encoder, LazyEncoder, Vectors, fingerprint_of
from index.errors import EncoderError
from index.gathered import Gatherer
from index.lines import facts_of
from index.records import Corpus, LeftOut
from index.reuse import Older, known_files
from index.room import MEMORY_BYTES, NoRoom, Room
from index.settings import IndexSettings
from index.snapshot import Contents, EncoderId, Snapshot, builder_of, publish, settle, sound_snapshot, told
from index.snapshot.layout import GENERATIONS, NEW
from index.terms import merge_terms, terms_of
from index.vectors import VectorIndex
from index.versions import made_with
from index.words import Words

Progress = Callable[[str, int, int], None]
# So many texts are in memory to be encoded.
_AT_ONCE = 1024


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build made.

    `n_encoded` is how many passages had no vector yet; `search` says how vectors are searched; `warnings` are
    (document, reason) of documents that the model serves badly; `seconds` is wall time; `is_unchanged` where the living
    snapshot was that of these documents already.
    """

    snapshot_id: str
    n_documents: int
    n_sentences: int
    n_passages: int
    n_encoded: int
    dimension: int
    search: str
    seconds: float
    left_out: tuple[LeftOut, ...]
    warnings: tuple[tuple[str, str], ...]
    is_unchanged: bool = False

    @property
    def is_partial(self) -> bool:
        """Whether a file that should have been indexed was not."""
        return any(item.failed for item in self.left_out)


@dataclass(frozen=True, slots=True)
class Made:
    """Contents, and how many of their passages were encoded for them."""

    contents: Contents
    n_encoded: int


def build_index(
    sources: Sequence[Path],
    folder: Path,
    settings: IndexSettings,
    load: Callable[[], Encoder],
    progress: Progress = lambda *_: None,
    *,
    strict: bool = False,
    anew: bool = False,
    memory_bytes: int = MEMORY_BYTES,
    waiting: Callable[[], object] = lambda: None,
) -> BuildReport:
    """Folders and files of documents -> a new current snapshot in `folder`, unless the living one is theirs already.

    The documents are read once nobody else builds: what was deleted while another build was waited for is not in it.

    Args:
        sources: as for `read_corpus`.
        folder: index folder.
        settings: what to build.
        load: gives the model that `settings.model` names; called once the documents have been read, if it is needed.
        progress: called with (step, done, total) as the work goes on.
        strict: the first file that cannot be read stops it all.
        anew: whether nothing is taken over from the living snapshot.
        memory_bytes: what the process may take of memory, beside what each document (up to a kilobyte), each passage
            (up to 200 bytes) and each word takes, and a document while it is divided (20 times its size).
        waiting: called once if another build is at work; then its end is waited for.

    Raises:
        CorpusError: nothing there that can be read, or, when strict, a file that cannot.
        EncoderError: the model cannot be loaded, or gave vectors that are no unit vectors.
        SettingsError: `memory_bytes` is too little.
        SnapshotForeign: `folder` holds something that is no index.
        SnapshotUnwritable: the disk is full, or the folder must not be written; the former index stands.
    """
    started = time.perf_counter()
    refuse_unusable(sources)
    room = Room(folder / GENERATIONS, prefix=NEW, memory_bytes=memory_bytes)
    with builder_of(folder, waiting), told(folder, NoRoom):
        older = None if anew else sound_snapshot(folder)
        gatherer = Gatherer(room, older.contents.documents if older is not None else None)
        corpus = read_corpus(*sources, known=known_files(older), strict=strict, progress=progress, gatherer=gatherer)
        encoder = _encoder_for(settings.model, older, load)
        is_unchanged = older is not None and is_current(older, corpus, settings, encoder)
        if older is not None and is_unchanged:
            settle(folder)
            id, contents, n_encoded = older.id, older.contents, 0
        else:
            made = index_corpus(corpus, settings, encoder, progress, older.contents if older else None, room=room)
            contents, n_encoded = made.contents, made.n_encoded
            seconds = time.perf_counter() - started
            built = {"built_at": datetime.now(UTC).isoformat(timespec="seconds"), "seconds": seconds}
            id = publish(folder, contents, built)
    return BuildReport(
        snapshot_id=id,
        n_documents=len(contents.documents),
        n_sentences=len(contents.sentences),
        n_passages=len(contents.passages),
        n_encoded=n_encoded,
        dimension=contents.encoder.dimension,
        search=contents.vectors.kind,
        seconds=time.perf_counter() - started,
        left_out=corpus.left_out,
        warnings=tuple(sorted(contents.warnings.items())),
        is_unchanged=is_unchanged,
    )


def index_corpus(
    corpus: Corpus,
    settings: IndexSettings,
    encoder: Encoder,
    progress: Progress = lambda *_: None,
    previous: Contents | None = None,
    *,
    room: Room | None = None,
) -> Made:
    """Documents -> everything a snapshot holds, the same with `previous` as without, only sooner; vectors within 1e-4.

    Args:
        corpus: the documents.
        settings: how to divide them.
        encoder: makes the vectors of the passages that `previous` has none of.
        progress: called with (step, done, total).
        previous: what an older snapshot holds, of whatever documents.
        room: where vectors and postings lie; in memory by default.
    """
    room = room or Room()
    encoder_id = EncoderId.of(encoder)
    older = Older(previous, settings, encoder_id)
    divided = divide(corpus.documents, settings, encoder, older, room, progress)
    fresh = np.flatnonzero(divided.terms_from < 0)
    unknown = fresh[divided.vector_from[fresh] < 0]
    encoded = _encode(texts_of(divided, corpus.documents, unknown), len(unknown), encoder, room, progress)
    texts = texts_of(divided, corpus.documents, fresh)
    contents = Contents(
        corpus_root=corpus.root,
        named=corpus.named,
        settings=settings,
        encoder=encoder_id,
        made_with=made_with(),
        documents=corpus.documents,
        sentences=divided.sentences,
        passages=divided.passages,
        keys=divided.keys,
        vectors=VectorIndex.merged(older.vectors, divided.vector_from, encoded, room),
        terms=merge_terms(older.terms, divided.terms_from, _terms_of_each(texts, len(fresh), progress), room),
        words=Words.of(divided.words),
        warnings=divided.warnings,
        left_out=left_out_by_file(corpus),
    )
    return Made(contents, n_encoded=len(unknown))


def is_current(snapshot: Snapshot, corpus: Corpus, settings: IndexSettings, encoder: Encoder) -> bool:
    """Whether a snapshot, known to be sound, is of these very documents, sources and settings, and by this Quoth.

    The model counts by what it is, not by its name alone.
    """
    contents = snapshot.contents
    return (
        len(contents.documents) == len(corpus.documents)
        and all(
            (one.path, one.source_sha256) == (other.path, other.source_sha256)
            for one, other in zip(facts_of(contents.documents), facts_of(corpus.documents), strict=True)
        )
        and contents.settings == settings
        and contents.encoder == EncoderId.of(encoder)
        and contents.corpus_root == corpus.root
        and set(contents.named) == set(corpus.named)
        and contents.made_with == made_with()
    )


def _encoder_for(model: str, older: Snapshot | None, load: Callable[[], Encoder]) -> Encoder:
    """The model's name -> the model, loaded only when needed where it is known to be the one of the older snapshot."""
    if older is not None and older.contents.encoder.name == model:
        built_with = older.contents.encoder
        if fingerprint_of(model) == built_with.fingerprint:
            return LazyEncoder(model, built_with.fingerprint, built_with.dimension, built_with.max_tokens, load)
    return load()


def _terms_of_each(texts: Iterator[str], n: int, progress: Progress) -> Iterator[list[str]]:
    """So many texts -> the terms of each."""
    for number, text in enumerate(texts, start=1):
        yield terms_of(text)
        progress("terms", number, n)


def _encode(texts: Iterator[str], n: int, encoder: Encoder, room: Room, progress: Progress) -> Vectors:
    """So many texts -> (n, dimension) float32 unit rows, each text read whole.

    Raises:
        EncoderError: a text is longer than the model reads (a defect), or a vector is not of unit length.
    """
    rows = room.array(np.float32, encoder.dimension)
    done = 0
    while some := list(islice(texts, _AT_ONCE)):
        for text in some:
            n_tokens = encoder.count_tokens(text)
            if n_tokens > encoder.max_tokens:
                raise EncoderError(
                    f"a passage has {n_tokens} tokens and {encoder.name} reads {encoder.max_tokens}; "
                    f"build with a smaller --passage-tokens"
                )
        for batch in encoder.encode_batches(some):
            if not np.allclose(np.linalg.norm(batch, axis=1), 1.0, atol=1e-3):
                raise EncoderError(
                    f"model {encoder.name} gave vectors that are not of unit length; choose another model"
                )
            rows.append(batch)
            done += len(batch)
            progress("encoding", done, n)
    return rows.finish()
