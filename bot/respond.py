"""Question -> Answer: every step of `bot` composed. No page, no terminal, no state of its own."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from bot.answer import Answer, Timings, failed
from bot.confidence import Confidence, load_confidence
from bot.percent import shortfall
from bot.question import Kind, Query, read_question
from bot.quotes import as_list, make_quotes
from bot.reader import Reader, Reading
from bot.reader.extractive import load_extractive
from bot.reader.sentences import SentenceReader
from bot.spelling import Speller
from index.build import Progress, index_corpus
from index.encoder import Encoder, load_encoder
from index.errors import EncoderError, QuestionError, ReaderError, SnapshotDamaged
from index.records import Corpus, Document
from index.search import search
from index.snapshot import Snapshot, load_snapshot
from index.snapshot.layout import rebuilding

# How many fused passages are read: on dev, the right sentence is among those of 16 for 99% of the answerable
# questions, and of 8 for 95%.
PASSAGES_READ = 16


@dataclass(frozen=True, slots=True)
class Read:
    """Readings of one question, best first, and how long they took."""

    readings: tuple[Reading, ...]
    timings: Timings


@dataclass(frozen=True, slots=True)
class Responder:
    """Everything that answering takes, loaded once and shared by all who ask."""

    snapshot: Snapshot
    encoder: Encoder
    reader: Reader
    confidence: Confidence
    speller: Speller = field(repr=False)
    notes: tuple[str, ...] = ()

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
        started = time.perf_counter()
        try:
            query = read_question(question, self.speller, previous)
        except QuestionError as error:
            return failed(question, str(error), threshold=self.confidence.threshold, index=self.snapshot.id, id=id)
        try:
            answer = self._answer(question, query, documents)
        except SnapshotDamaged as error:
            # Found when the text was about to be read: nothing of it is ever shown.
            return failed(question, str(error), threshold=self.confidence.threshold, index=self.snapshot.id, id=id)
        total = (time.perf_counter() - started) * 1e3
        return replace(answer, id=id, timings=replace(answer.timings, total=total))

    def _answer(self, question: str, query: Query, documents: frozenset[str] | None) -> Answer:
        notes = query.notes + self._limits(query.resolved)
        if documents is not None:
            known = [document.path for document in self.snapshot.contents.documents]
            notes += (f"Asked {sum(path in documents for path in known)} of {len(known)} documents.",)
        read = self.read(query, documents)
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
        hits = search(self.snapshot, vector, query.terms, PASSAGES_READ, documents)
        retrieved = time.perf_counter()
        readings = self.reader.read(query, vector, hits, self.snapshot)
        done = time.perf_counter()
        timings = Timings((encoded - begun) * 1e3, (retrieved - encoded) * 1e3, (done - retrieved) * 1e3)
        return Read(tuple(readings), timings)

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
        notes = list(self.notes)
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


def open_responder(folder: Path) -> Responder:
    """Index folder -> Responder, with the model that the index was built with.

    Raises:
        SnapshotError: there is no index that can be used.
        EncoderError: its model is not here, or has changed since.
    """
    snapshot = load_snapshot(folder)
    encoder = load_encoder(snapshot.contents.encoder.name)
    _must_fit(encoder, snapshot, folder)
    reader, notes = _load_reader(encoder)
    return Responder(snapshot, encoder, reader, load_confidence(reader.name), Speller(snapshot.contents.words), notes)


def reopened(responder: Responder, folder: Path) -> Responder:
    """A responder -> one of the generation that is current now, with the same model where that made it too.

    Raises:
        SnapshotError: it cannot be used.
        EncoderError: its model is not here, or has changed since.
    """
    snapshot = load_snapshot(folder)
    if snapshot.contents.encoder != responder.snapshot.contents.encoder:
        return open_responder(folder)
    return replace(responder, snapshot=snapshot, speller=Speller(snapshot.contents.words))


def _must_fit(encoder: Encoder, snapshot: Snapshot, folder: Path) -> None:
    built_with = snapshot.contents.encoder
    if encoder.fingerprint != built_with.fingerprint:
        raise EncoderError(
            f"model {built_with.name} has changed since the index in {folder} was built; {rebuilding(folder)}"
        )


def _load_reader(encoder: Encoder) -> tuple[Reader, tuple[str, ...]]:
    """The trained reader, or the simple one with a note that says why."""
    try:
        return load_extractive(), ()
    except ReaderError as error:
        return SentenceReader(encoder), (f"The simple reader chose: {error}.",)
