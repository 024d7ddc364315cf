"""Question -> Answer: every step of `bot` composed. No page, no terminal, no state of its own."""

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from bot.answer import Answer, Timings, failed
from bot.confidence import Confidence, load_confidence
from bot.fitted import Fitted, read_fitted
from bot.percent import shortfall
from bot.question import Kind, Query, read_question
from bot.quotes import as_list, make_quotes
from bot.reader import Reader, Reading
from bot.reader.extractive import load_extractive
from bot.reader.sentences import SentenceReader
from bot.risk import load_calibration
from bot.spelling import Speller
from bot.tuned import read_search
from index.build import Progress, index_corpus
from index.encoder import Encoder, Vectors, load_encoder
from index.errors import EncoderError, QuestionError, ReaderError, SnapshotDamaged
from index.records import Corpus, Document, Hit
from index.search import SearchSettings, search
from index.settings import IndexSettings
from index.snapshot import Snapshot, current_id, load_snapshot
from index.snapshot.layout import rebuilding

_SEARCH = SearchSettings()


@dataclass(frozen=True, slots=True)
class Read:
    """What was found for one question, and how long it took.

    Attributes:
        readings: of every sentence of the hits, best first.
        timings: all but the total.
        vector: the question's, (dimension,) float32 of unit length.
        hits: the passages that were read, best first as they were found.
    """

    readings: tuple[Reading, ...]
    timings: Timings
    vector: Vectors
    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class Traced:
    """An answer and how it came about; without `query` and `read` where the question could not be asked."""

    answer: Answer
    query: Query | None = None
    read: Read | None = None


@dataclass(frozen=True, slots=True)
class Responder:
    """Everything that answering takes, loaded once and shared by all who ask.

    `notes` are what every answer should say of the models, `kept_notes` of what is kept with the index.
    """

    snapshot: Snapshot
    encoder: Encoder
    reader: Reader
    confidence: Confidence
    speller: Speller = field(repr=False)
    notes: tuple[str, ...] = ()
    search: SearchSettings = _SEARCH
    kept_notes: tuple[str, ...] = ()

    def answer(
        self,
        question: str,
        previous: str | None = None,
        id: str | None = None,
        documents: frozenset[str] | None = None,
    ) -> Answer:
        """A question -> its Answer; a question that cannot be asked gives one with verdict `error`.

        Args:
            question: what was typed.
            previous: the `resolved_question` of the answer before, when this may be a follow-up to it.
            id: comes back in the answer.
            documents: paths of those to ask; None asks all.
        """
        return self.trace(question, previous, id, documents).answer

    def trace(
        self,
        question: str,
        previous: str | None = None,
        id: str | None = None,
        documents: frozenset[str] | None = None,
    ) -> Traced:
        """As `answer`, with what was found on the way there."""
        started = time.perf_counter()
        try:
            query = read_question(question, self.speller, previous)
            read = self.read(query, documents)
            answer = self._answer(question, query, read, documents)
        except (QuestionError, SnapshotDamaged) as error:
            # A damaged text is found when it is about to be read: nothing of it is ever shown.
            threshold = self.confidence.threshold
            return Traced(failed(question, str(error), threshold=threshold, index=self.snapshot.id, id=id))
        total = (time.perf_counter() - started) * 1e3
        return Traced(replace(answer, id=id, timings=replace(answer.timings, total=total)), query, read)

    def _answer(self, question: str, query: Query, read: Read, documents: frozenset[str] | None) -> Answer:
        notes = query.notes + self._limits(query.resolved)
        if documents is not None:
            known = [document.path for document in self.snapshot.contents.documents]
            notes += (f"Asked {sum(path in documents for path in known)} of {len(known)} documents.",)
        quotes = make_quotes(read.readings, query.kind, self.snapshot.contents, self.confidence)
        best = quotes[0].probability if quotes else 0.0
        threshold = self.confidence.threshold
        answer = Answer(
            question=question,
            resolved_question=query.resolved,
            verdict="answered",
            threshold=threshold,
            quotes=as_list(quotes, threshold) if query.kind is Kind.LIST else quotes,
            reader=self.reader.name,
            index=self.snapshot.id,
            notes=notes,
            timings=read.timings,
        )
        if best >= threshold:
            return answer
        # None of these is an answer, so none has a phrase to mark as one.
        nearest = tuple(replace(quote, answer=None) for quote in quotes)
        return replace(answer, verdict="not_found", quotes=(), nearest=nearest, reason=shortfall(best, threshold))

    def now(self) -> "Responder":
        """What answers now, and goes on doing so: this one (a `LiveResponder` gives that of the current generation)."""
        return self

    def read(self, query: Query, documents: frozenset[str] | None = None) -> Read:
        """A query (and paths of the documents to ask) -> readings of every sentence of the best passages."""
        begun = time.perf_counter()
        vector = self.encoder.encode([query.resolved])[0]
        encoded = time.perf_counter()
        hits = search(self.snapshot, vector, query.terms, self.search.passages, documents, settings=self.search)
        retrieved = time.perf_counter()
        readings = self.reader.read(query, vector, hits, self.snapshot)
        done = time.perf_counter()
        timings = Timings((encoded - begun) * 1e3, (retrieved - encoded) * 1e3, (done - retrieved) * 1e3)
        return Read(tuple(readings), timings, vector, tuple(hits))

    def over(
        self,
        documents: Sequence[Document],
        progress: Progress = lambda *_: None,
        previous: "Responder | None" = None,
    ) -> "Responder":
        """Documents -> a responder that asks those alone, with the same models and settings; nothing is written.

        Args:
            documents: to ask.
            progress: called with (step, done, total).
            previous: one over some of them, whose vectors are used again.
        """
        ordered = tuple(sorted(documents, key=lambda document: document.path))
        settings = self.snapshot.contents.settings
        known = previous.snapshot.contents if previous is not None else None
        contents = index_corpus(Corpus("", ordered), settings, self.encoder, progress, known).contents
        snapshot = Snapshot(self.snapshot.id, contents)
        return replace(self, snapshot=snapshot, speller=Speller(contents.words))

    def _limits(self, question: str) -> tuple[str, ...]:
        notes = [*self.notes, *self.kept_notes]
        if (limit := self.reader.limit(question)) is not None:
            notes.append(limit)
        n_tokens = self.encoder.count_tokens(question)
        if n_tokens > self.encoder.max_tokens:
            notes.append(
                f"The question has {n_tokens} tokens; the model reads the first {self.encoder.max_tokens} of them."
            )
        if self.encoder.name != self.confidence.encoder:
            notes.append(f"Percentages were calibrated with {self.confidence.encoder}, not {self.encoder.name}.")
        return tuple(notes)


def open_responder(folder: Path, max_wrong: float | None = None, *, threads: int | None = None) -> Responder:
    """Index folder -> Responder, with the model that the index was built with.

    Args:
        folder: the index.
        max_wrong: at most this share of the answers, 0..1, is to be wrong; by default the threshold is the one that
            makes the fewest mistakes.
        threads: how many work on one question; by default all cores (see `load_extractive`).

    Raises:
        SnapshotError: there is no index that can be used.
        EncoderError: its model is not here, or has changed since.
        SettingsError: the risk is lower than what was measured can support.
    """
    snapshot = load_snapshot(folder)
    encoder = load_encoder(snapshot.contents.encoder.name)
    _must_fit(encoder, snapshot, folder)
    reader, notes = _load_reader(encoder, threads)
    confidence, more = _confidence(reader, encoder, max_wrong, folder)
    kept, how = _search(folder)
    return Responder(
        snapshot, encoder, reader, confidence, Speller(snapshot.contents.words), notes, kept, kept_notes=more + how
    )


def responder_over(
    corpus: Corpus,
    settings: IndexSettings,
    encoder: Encoder,
    progress: Progress = lambda *_: None,
    *,
    max_wrong: float | None = None,
    threads: int | None = None,
) -> Responder:
    """Documents -> what answers from them, indexed in memory; nothing is written.

    `max_wrong` and `threads` are as in `open_responder`; the confidence is the one that comes with Quoth. The index has
    an id as one on the disk has: another for other texts, settings or models.

    Raises:
        EncoderError: the model cannot encode the passages.
        SettingsError: the risk is lower than what was measured can support.
    """
    contents = index_corpus(corpus, settings, encoder, progress).contents
    made_of = [encoder.fingerprint, str(settings.as_json()), *(d.path + d.sha256 for d in corpus.documents)]
    id = hashlib.sha256("\n".join(made_of).encode("utf-8", "surrogatepass")).hexdigest()[:16]
    reader, notes = _load_reader(encoder, threads)
    confidence, more = _confidence(reader, encoder, max_wrong, None)
    return Responder(
        Snapshot(id, contents), encoder, reader, confidence, Speller(contents.words), notes, kept_notes=more
    )


def reopened(responder: Responder, folder: Path, max_wrong: float | None = None) -> Responder:
    """A responder -> one of the generation that is current now, with the same model where that made it too.

    What was fitted and tuned for the index is taken as it is now; arguments and errors as `open_responder`.
    """
    if current_id(folder) != responder.snapshot.id:
        snapshot = load_snapshot(folder)
        if snapshot.contents.encoder != responder.snapshot.contents.encoder:
            return open_responder(folder, max_wrong)
        responder = replace(responder, snapshot=snapshot, speller=Speller(snapshot.contents.words))
    confidence, more = _confidence(responder.reader, responder.encoder, max_wrong, folder)
    kept, how = _search(folder)
    return replace(responder, confidence=confidence, search=kept, kept_notes=more + how)


def _must_fit(encoder: Encoder, snapshot: Snapshot, folder: Path) -> None:
    built_with = snapshot.contents.encoder
    if encoder.fingerprint != built_with.fingerprint:
        raise EncoderError(
            f"model {built_with.name} has changed since the index in {folder} was built; {rebuilding(folder)}"
        )


def _confidence(
    reader: Reader, encoder: Encoder, max_wrong: float | None, folder: Path | None
) -> tuple[Confidence, tuple[str, ...]]:
    """The confidence fitted for this index, or the one that ships, and what an answer should say of it."""
    fitted: Fitted | None = None
    notes: tuple[str, ...] = ()
    try:
        fitted = read_fitted(folder) if folder is not None else None
    except SnapshotDamaged as error:
        notes = (f"The percentages fitted on your questions are not used: {error}.",)
    if fitted is not None and not fitted.fits(reader, encoder):
        made_for = f"reader {fitted.confidence.reader} and model {fitted.confidence.encoder} as they were then"
        notes = (f"The percentages fitted on your questions are not used: they are for {made_for}.",)
        fitted = None
    confidence = fitted.confidence if fitted is not None else load_confidence(reader.name)
    if fitted is not None:
        notes = (fitted.note,)
    if max_wrong is not None:
        measured = fitted.calibration if fitted is not None else load_calibration(reader.name)
        confidence = replace(confidence, threshold=measured.threshold_for(max_wrong))
    return confidence, notes


def _search(folder: Path) -> tuple[SearchSettings, tuple[str, ...]]:
    """How this index is searched, and what an answer should say of it."""
    try:
        kept = read_search(folder)
    except SnapshotDamaged as error:
        return _SEARCH, (f"The search tuned on your questions is not used: {error}.",)
    return (kept.search, (kept.note,)) if kept is not None else (_SEARCH, ())


def _load_reader(encoder: Encoder, threads: int | None) -> tuple[Reader, tuple[str, ...]]:
    """The trained reader, or the simple one with a note that says why."""
    try:
        return load_extractive(threads=threads), ()
    except ReaderError as error:
        return SentenceReader(encoder), (f"The simple reader chose: {error}.",)
