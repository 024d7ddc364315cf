"""The trained reader: question and passage side by side through a small transformer, in onnxruntime.

Neither PyTorch nor transformers is imported. See `README.md` beside this file for what it was trained on.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from importlib.resources.abc import Traversable

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

from bot.question import Query
from bot.reader import Reading
from bot.reader.evidence import fingerprint_of, retrieval_evidence
from bot.reader.spans import Logits, best_span, read_logits
from bot.reader.tokens import QUESTION_TOKENS, Encoded, count_question_tokens, encode_pairs, load_tokenizer, pad
from index.cores import n_cores
from index.encoder import Vectors
from index.errors import ReaderError
from index.records import Document, Hit, Span
from index.snapshot import Contents, Snapshot

NAME = "extractive"
_NETWORK, _TOKENIZER, _SUMS = "reader-int8.onnx", "tokenizer.json", "SHA256SUMS"
# Pairs of like length are read together: padding costs more than a larger batch wins.
_BATCH = 4
# onnxruntime's one kernel for a sum and its layer norm takes four times as long as one for each.
_SLOWER = ["SkipLayerNormFusion"]
# The network has 512 positions; a question takes up to 64 of them, the separators three.
_PASSAGE_TOKENS = 512 - QUESTION_TOKENS - 3


class ExtractiveReader:
    """Reads the passages of the hits and scores each of their sentences; safe to share between threads.

    Each batch is read by one thread, several batches at a time: measured, that is sooner done than several threads on
    one batch, and holds up beside other questions.
    """

    name = NAME

    def __init__(
        self,
        session: onnxruntime.InferenceSession,
        tokenizer: Tokenizer,
        weights: Mapping[str, float],
        network_sha256: str = "",
        threads: int = 1,
    ) -> None:
        """Takes what reads, and how.

        Args:
            session: the network, which works on one batch with one thread.
            tokenizer: its tokenizer.
            weights: of the evidence in a sentence's score.
            network_sha256: the network's digest.
            threads: how many batches of a question are read at a time.
        """
        self._session = session
        self._tokenizer = tokenizer
        self._weights = weights
        self.fingerprint = fingerprint_of(NAME, network_sha256, weights)
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="read") if threads > 1 else None

    def limit(self, question: str) -> str | None:
        """A question -> a note that its end is cut off, where it is longer than the network was trained for."""
        n_tokens = count_question_tokens(self._tokenizer, question)
        if n_tokens <= QUESTION_TOKENS:
            return None
        return f"The question has {n_tokens} tokens; the reader reads the first {QUESTION_TOKENS} of them."

    def read(self, query: Query, vector: Vectors, hits: Sequence[Hit], snapshot: Snapshot) -> list[Reading]:
        """Query, its unit vector (dimension,), hits -> a reading per sentence of the hits, best first.

        To the evidence of `retrieval_evidence` it adds `span`: the log of how much more probable an answer in the
        sentence is than none in the passage, the highest over the hits that hold the sentence.
        """
        del vector
        contents = snapshot.contents
        windows = [
            (contents.passages[hit.passage], window)
            for hit in hits
            for window in self._windows(contents.passages[hit.passage].span, hit, contents)
        ]
        texts = [contents.documents[passage.document].readable(window) for passage, window in windows]
        pairs = encode_pairs(self._tokenizer, query.resolved, texts)
        best: dict[int, tuple[float, Span]] = {}
        for (passage, window), pair, (starts, ends) in zip(windows, pairs, self._logits(pairs), strict=True):
            document = contents.documents[passage.document]
            inside = [_shifted(contents.sentences[number].span, window, document) for number in passage.sentences]
            for number, found in zip(passage.sentences, read_logits(pair, starts, ends, inside), strict=True):
                if found is not None and found.score > best.get(number, (-np.inf,))[0]:
                    best[number] = (
                        found.score,
                        _returned(found.answer, window, contents.sentences[number].span, document),
                    )
        beside = retrieval_evidence(query, hits, contents)
        readings = []
        for number, (score, answer) in best.items():
            evidence = {"span": score, **beside[number]}
            total = sum(weight * evidence[name] for name, weight in self._weights.items())
            readings.append(Reading(number, total, evidence, answer))
        return sorted(readings, key=lambda reading: (-reading.score, reading.sentence))

    def best_span(self, question: str, texts: Sequence[str]) -> tuple[float, str]:
        """A question and texts, read side by side -> the most probable phrase and its log-odds over "none".

        Minus infinity and an empty phrase where no text has a token.
        """
        best: tuple[float, str] = (-np.inf, "")
        pairs = encode_pairs(self._tokenizer, question, texts)
        for text, pair, (starts, ends) in zip(texts, pairs, self._logits(pairs), strict=True):
            found = best_span(pair, starts, ends)
            if found is not None and found.score > best[0]:
                best = found.score, text[found.answer.start : found.answer.end]
        return best

    def _windows(self, span: Span, hit: Hit, contents: Contents) -> list[Span]:
        """A passage's span -> itself, or, where it is longer than the network reads, pieces of it that are not."""
        document = contents.documents[contents.passages[hit.passage].document]
        text = document.readable(span)
        if len(text) < _PASSAGE_TOKENS or len(encode_pairs(self._tokenizer, "", [text])[0]) <= _PASSAGE_TOKENS:
            return [span]
        text = document.slice(span)
        middle = len(text) // 2
        cut = span.start + (text.rfind(" ", middle // 2, middle) + 1 or middle)
        halves = Span(span.start, cut), Span(cut, span.end)
        return [window for half in halves for window in self._windows(half, hit, contents)]

    def _logits(self, pairs: Sequence[Encoded]) -> list[tuple[Logits, Logits]]:
        """Pairs -> start and end logits of each, (length,) float32, in the order of the pairs."""
        order = sorted(range(len(pairs)), key=lambda i: len(pairs[i]))
        batches = [order[begin : begin + _BATCH] for begin in range(0, len(order), _BATCH)]

        def read(rows: Sequence[int]) -> tuple[Logits, Logits]:
            batch = pad([pairs[i] for i in rows])
            inputs = {
                "input_ids": batch.input_ids,
                "attention_mask": batch.attention_mask,
                "token_type_ids": batch.token_type_ids,
            }
            starts, ends = self._session.run(["start_logits", "end_logits"], inputs)
            return starts, ends

        logits: dict[int, tuple[Logits, Logits]] = {}
        # The longest first, so that the threads end together.
        batches.reverse()
        found = map(read, batches) if self._threads is None else self._threads.map(read, batches)
        for rows, (starts, ends) in zip(batches, found, strict=True):
            logits.update((i, (starts[row], ends[row])) for row, i in enumerate(rows))
        return [logits[i] for i in range(len(pairs))]


def load_extractive(
    folder: Traversable | None = None, weights: Mapping[str, float] | None = None, *, threads: int | None = None
) -> ExtractiveReader:
    """The shipped weights -> reader.

    Args:
        folder: where network, tokenizer and their checksums lie; by default, those that come with Quoth.
        weights: of the evidence; by default, those fitted by `make calibrate`.
        threads: how many of a question's batches are read at a time; by default as many as there are cores, which
            answers one soonest, and many, since no more than that many batches are ever read at a time.

    Raises:
        ReaderError: a file is missing, or not the one that its checksum stands for.
    """
    folder = folder if folder is not None else files("bot.reader").joinpath("weights")
    network, tokenizer = _verified(folder, _NETWORK), _verified(folder, _TOKENIZER)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        network, options, providers=["CPUExecutionProvider"], disabled_optimizers=_SLOWER
    )
    digest = hashlib.sha256(network).hexdigest()
    weights = weights or _fitted_weights()
    return ExtractiveReader(session, load_tokenizer(tokenizer.decode()), weights, digest, threads or n_cores())


def _verified(folder: Traversable, name: str) -> bytes:
    try:
        sums = dict(line.split()[::-1] for line in folder.joinpath(_SUMS).read_text(encoding="ascii").splitlines())
    except (OSError, ValueError) as error:
        raise ReaderError(f"the reader's {_SUMS} is missing or was altered; install Quoth again") from error
    try:
        data = folder.joinpath(name).read_bytes()
    except OSError as error:
        raise ReaderError(f"the reader's {name} is missing; install Quoth again") from error
    if hashlib.sha256(data).hexdigest() != sums.get(name):
        raise ReaderError(f"the reader's {name} was altered; install Quoth again")
    return data


def _fitted_weights() -> dict[str, float]:
    """Evidence -> weight. How they were fitted, and how well they do, stands beside them in the file."""
    fitted = json.loads(files("bot.reader").joinpath("extractive.json").read_text(encoding="utf-8"))
    return {str(name): float(weight) for name, weight in fitted["weights"].items()}


def _shifted(span: Span, window: Span, document: Document) -> Span:
    """A sentence's span -> the part of it in the window, in characters of the window's folded copy."""
    start, end = max(span.start, window.start), min(span.end, window.end)
    begin, _ = document.folded.folded(window.start, window.end)
    first, last = document.folded.folded(start, max(start, end))
    return Span(max(0, first - begin), max(0, last - begin))


def _returned(answer: Span, window: Span, sentence: Span, document: Document) -> Span:
    """A phrase in characters of the window's folded copy -> its span in the text, within its sentence."""
    begin, _ = document.folded.folded(window.start, window.end)
    start, end = document.folded.original(answer.start + begin, answer.end + begin)
    return Span(max(start, sentence.start), min(end, sentence.end))
