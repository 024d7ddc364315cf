"""Corpus -> snapshot: every step of `index` composed. What an older snapshot has already is not worked out again."""

import time
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from index.documents import left_out_by_file, read_corpus, refuse_unusable
from index.encoder import Encoder, LazyEncoder, Vectors, fingerprint_of
from index.errors import EncoderError
from index.language import warn_about
from index.passages import Budget, count_tokens, passages_of, sentences_of
from index.records import Corpus, LeftOut
from index.reuse import Older, known_files
from index.settings import IndexSettings
from index.snapshot import Contents, EncoderId, Snapshot, builder_of, publish, settle, sound_snapshot
from index.snapshot.spans import key_of
from index.tables import Keys, Passages, Rows, Sentences
from index.terms import merge_terms, terms_of
from index.vectors import VectorIndex
from index.versions import made_with
from index.words import Words

Progress = Callable[[str, int, int], None]


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
        waiting: called once if another build is at work; then its end is waited for.

    Raises:
        CorpusError: nothing there that can be read, or, when strict, a file that cannot.
        EncoderError: the model cannot be loaded, or gave vectors that are no unit vectors.
        SnapshotForeign: `folder` holds something that is no index.
        SnapshotUnwritable: the disk is full, or the folder must not be written; the former index stands.
    """
    started = time.perf_counter()
    refuse_unusable(sources)
    with builder_of(folder, waiting):
        older = None if anew else sound_snapshot(folder)
        corpus = read_corpus(*sources, known=known_files(older), strict=strict, progress=progress)
        encoder = _encoder_for(settings.model, older, load)
        is_unchanged = older is not None and is_current(older, corpus, settings, encoder)
        if older is not None and is_unchanged:
            settle(folder)
            id, contents, n_encoded = older.id, older.contents, 0
        else:
            made = index_corpus(corpus, settings, encoder, progress, older.contents if older else None)
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
) -> Made:
    """Documents -> everything a snapshot holds, the same with `previous` as without, only sooner.

    Args:
        corpus: the documents.
        settings: how to divide them.
        encoder: makes the vectors of the passages that `previous` has none of.
        progress: called with (step, done, total).
        previous: what an older snapshot holds, of whatever documents.
    """
    encoder_id = EncoderId.of(encoder)
    older = Older(previous, settings, encoder_id)
    budget = Budget(
        tokens=settings.passage_tokens,
        overlap_sentences=settings.overlap_sentences,
        count=count_tokens,
        encoder_tokens=encoder.max_tokens,
        encoder_count=encoder.count_tokens,
    )
    # The rows of each document's.
    sentences: list[Rows] = []
    passages: list[Rows] = []
    n_sentences = 0
    keys: list[bytes] = []
    texts: list[str] = []
    # The row of the older snapshot that has the same terms, or the same vector; -1 where none has.
    terms_from = array("q")
    vector_from = array("q")
    warnings: dict[str, str] = {}
    for number, document in enumerate(corpus.documents):
        taken = older.take(document, number, n_sentences)
        if taken is not None:
            sentences.append(taken.sentences)
            passages.append(taken.passages)
            keys.extend(taken.keys)
            terms_from.extend(taken.rows)
            vector_from.extend(taken.rows)
            warning = taken.warning
        else:
            own = sentences_of(document, number)
            found = passages_of(document, own, n_sentences, budget, prefix=settings.prefix)
            for passage, prefix in found:
                text = prefix + document.readable(passage.span)
                texts.append(text)
                keys.append(key_of(text))
                terms_from.append(-1)
                vector_from.append(older.row_of(keys[-1]))
            sentences.append(Sentences.of(own).rows)
            passages.append(Passages.of(passage for passage, _ in found).rows)
            warning = warn_about(document, encoder)
        n_sentences += len(sentences[-1])
        if warning:
            warnings[document.path] = warning
        progress("reading", number + 1, len(corpus.documents))
    origin = np.array(terms_from, np.int64)
    fresh = [text for text, row in zip(texts, np.array(vector_from)[origin < 0], strict=True) if row < 0]
    vectors = older.vectors(np.array(vector_from, np.int64), _encode(fresh, encoder, progress))
    contents = Contents(
        corpus_root=corpus.root,
        named=corpus.named,
        settings=settings,
        encoder=encoder_id,
        made_with=made_with(),
        documents=corpus.documents,
        sentences=Sentences.joined(sentences),
        passages=Passages.joined(passages),
        keys=Keys.of(keys),
        vectors=VectorIndex.of(vectors),
        terms=merge_terms(older.terms, origin, (terms_of(text) for text in texts)),
        words=Words.of(older.words(corpus.documents)),
        warnings=warnings,
        left_out=left_out_by_file(corpus),
    )
    return Made(contents, n_encoded=len(fresh))


def is_current(snapshot: Snapshot, corpus: Corpus, settings: IndexSettings, encoder: Encoder) -> bool:
    """Whether a snapshot, known to be sound, is of these very documents, sources and settings, and by this Quoth.

    The model counts by what it is, not by its name alone.
    """
    contents = snapshot.contents
    return (
        [(document.path, document.source_sha256) for document in contents.documents]
        == [(document.path, document.source_sha256) for document in corpus.documents]
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


def _encode(texts: list[str], encoder: Encoder, progress: Progress) -> Vectors:
    """Texts -> (n, dimension) float32 unit rows, each text read whole.

    Raises:
        EncoderError: a text is longer than the model reads (a defect), or a vector is not of unit length.
    """
    for text in texts:
        n_tokens = encoder.count_tokens(text)
        if n_tokens > encoder.max_tokens:
            raise EncoderError(
                f"a passage has {n_tokens} tokens and {encoder.name} reads {encoder.max_tokens}; "
                f"build with a smaller --passage-tokens"
            )
    rows = np.empty((len(texts), encoder.dimension), np.float32)
    done = 0
    for batch in encoder.encode_batches(texts):
        rows[done : done + len(batch)] = batch
        done += len(batch)
        progress("encoding", done, len(texts))
    norms = np.linalg.norm(rows, axis=1)
    if not np.allclose(norms, 1.0, atol=1e-3):
        raise EncoderError(f"model {encoder.name} gave vectors that are not of unit length; choose another model")
    return rows
