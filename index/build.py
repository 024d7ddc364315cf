"""Corpus -> snapshot: every step of `index` composed."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from index.documents import read_corpus
from index.encoder import Encoder, Vectors
from index.errors import EncoderError, SnapshotError
from index.language import warn_about
from index.passages import Budget, count_tokens, passages_of, sentences_of
from index.records import Corpus, LeftOut, Passage, Sentence
from index.settings import IndexSettings
from index.snapshot import Contents, EncoderId, check_snapshot, refuse_foreign, write_snapshot
from index.terms import build_terms, terms_of, words_of
from index.vectors import build_vectors

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build made.

    `warnings` are (document, reason) of documents that the model serves badly; `seconds` is wall time.
    """

    snapshot_id: str
    n_documents: int
    n_sentences: int
    n_passages: int
    dimension: int
    seconds: float
    left_out: tuple[LeftOut, ...]
    warnings: tuple[tuple[str, str], ...]

    @property
    def is_partial(self) -> bool:
        """Whether a file that should have been indexed was not."""
        return any(item.failed for item in self.left_out)


def build_index(
    corpus: Path | Corpus,
    folder: Path,
    settings: IndexSettings,
    encoder: Encoder,
    progress: Progress = lambda *_: None,
) -> BuildReport:
    """Corpus folder -> a new current snapshot in `folder`.

    Args:
        corpus: folder of documents, or one document; or what was read of it before.
        folder: index folder.
        settings: what to build.
        encoder: the model that `settings.model` names, loaded.
        progress: called with (step, done, total) as the work goes on.

    Raises:
        CorpusError: there is nothing to index.
        EncoderError: the model gave vectors that are no unit vectors.
        SnapshotForeign: `folder` holds something that is no index.
    """
    started = time.perf_counter()
    refuse_foreign(folder)  # before the work, not after it
    documents = corpus if isinstance(corpus, Corpus) else read_corpus(corpus)
    contents, warnings = index_corpus(documents, settings, encoder, progress)
    snapshot_id = write_snapshot(
        folder,
        contents,
        {"built_at": datetime.now(UTC).isoformat(timespec="seconds"), "seconds": time.perf_counter() - started},
    )
    return BuildReport(
        snapshot_id=snapshot_id,
        n_documents=len(contents.documents),
        n_sentences=len(contents.sentences),
        n_passages=len(contents.passages),
        dimension=encoder.dimension,
        seconds=time.perf_counter() - started,
        left_out=documents.left_out,
        warnings=warnings,
    )


def index_corpus(
    corpus: Corpus, settings: IndexSettings, encoder: Encoder, progress: Progress = lambda *_: None
) -> tuple[Contents, tuple[tuple[str, str], ...]]:
    """Documents -> everything a snapshot holds, and (document, reason) of those the model serves badly."""
    budget = Budget(
        tokens=settings.passage_tokens,
        overlap_sentences=settings.overlap_sentences,
        count=count_tokens,
        encoder_tokens=encoder.max_tokens,
        encoder_count=encoder.count_tokens,
    )
    sentences: list[Sentence] = []
    passages: list[Passage] = []
    texts: list[str] = []
    words: Counter[str] = Counter()
    warnings = []
    for number, document in enumerate(corpus.documents):
        own = sentences_of(document, number)
        for passage, prefix in passages_of(document, own, len(sentences), budget, prefix=settings.prefix):
            passages.append(passage)
            texts.append(prefix + document.readable(passage.span))
        sentences.extend(own)
        words.update(word for word in words_of(document.folded.text) if word)
        if reason := warn_about(document, encoder):
            warnings.append((document.path, reason))
        progress("reading", number + 1, len(corpus.documents))
    contents = Contents(
        corpus_root=corpus.root,
        settings=settings,
        encoder=EncoderId.of(encoder),
        documents=corpus.documents,
        sentences=tuple(sentences),
        passages=tuple(passages),
        vectors=build_vectors(_encode(texts, encoder, progress), encoder.dimension),
        terms=build_terms(terms_of(text) for text in texts),
        words=words,
    )
    return contents, tuple(warnings)


def is_current(corpus: Path | Corpus, folder: Path, settings: IndexSettings) -> bool:
    """Whether the index in `folder` was built from these very files with these settings, and is undamaged."""
    try:
        manifest = check_snapshot(folder)
    except SnapshotError:
        return False
    found = corpus if isinstance(corpus, Corpus) else read_corpus(corpus)
    sources = {document.path: document.source_sha256 for document in found.documents}
    return bool(
        manifest.get("sources") == sources
        and manifest.get("settings") == settings.as_json()
        and manifest.get("corpus_root") == found.root
    )


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
