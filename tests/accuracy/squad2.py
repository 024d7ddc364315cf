"""Measures the reader on SQuAD 2.0: `python -m tests.accuracy.squad2 FILE`.

FILE is a SQuAD 2.0 file, plain or gzipped; it does not come with Quoth. Two settings: each question with the paragraph
it was asked of, in windows as the index makes them; and all paragraphs as one corpus, asked as a user would.
"""

import argparse
import gzip
import json
import re
import string
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bot.accuracy import LabelledQuestion, Outcome, auroc, calibration_error, run, wrong_at
from bot.confidence import load_confidence
from bot.reader.extractive import ExtractiveReader, load_extractive
from bot.reader.sources import HELD_OUT
from bot.reader.windows import windows_of
from bot.respond import Responder
from bot.spelling import Speller
from index.build import index_corpus
from index.encoder import load_encoder
from index.records import Corpus, Document, Span
from index.settings import IndexSettings
from index.snapshot import Snapshot

BETWEEN = "\n\n"
COVERAGES = (0.4, 0.55)
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Squad:
    """A SQuAD file: an article is a document, its paragraphs in order; and the questions, in order.

    Attributes:
        documents: one per article.
        questions: gold of all annotators; the article's title is the split.
        paragraphs: id of a question -> the paragraph it was asked of, in the document of its split.
    """

    documents: tuple[Document, ...]
    questions: tuple[LabelledQuestion, ...]
    paragraphs: Mapping[str, Span]


def read_squad(file: Path) -> Squad:
    """A SQuAD 1.1 or 2.0 file -> Squad."""
    raw = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
    documents, questions, places = [], [], {}
    for article in json.loads(raw)["data"]:
        path, paragraphs, offset = f"{article['title']}.txt", [], 0
        for entry in article["paragraphs"]:
            paragraphs.append(Span(offset, offset + len(entry["context"])))
            offset = paragraphs[-1].end + len(BETWEEN)
            for question in entry["qas"]:
                labelled = _labelled(question, article["title"], path, paragraphs[-1].start)
                questions.append(labelled)
                places[labelled.id] = paragraphs[-1]
        text = BETWEEN.join(entry["context"] for entry in article["paragraphs"])
        documents.append(Document(path, article["title"].replace("_", " "), text, "", (), tuple(paragraphs)))
    return Squad(tuple(documents), tuple(questions), places)


def _labelled(question: dict[str, Any], article: str, path: str, offset: int) -> LabelledQuestion:
    starts = {(answer["answer_start"], len(answer["text"])) for answer in question["answers"]}
    gold = tuple((path, Span(offset + start, offset + start + length)) for start, length in sorted(starts))
    return LabelledQuestion(question["id"], question["question"], gold, (), article)


def responder_for(squad: Squad, reader: ExtractiveReader | None = None) -> Responder:
    """The articles as one corpus, indexed with the usual settings -> Responder with the trained reader."""
    encoder = load_encoder()
    contents = index_corpus(Corpus("", squad.documents), IndexSettings(), encoder).contents
    reader = reader or load_extractive()
    return Responder(
        Snapshot("squad", contents), encoder, reader, load_confidence(reader.name), Speller(contents.words)
    )


@dataclass(frozen=True, slots=True)
class Found:
    """The best span of a question's paragraph: its score over "none", and its F1 and EM with the gold."""

    score: float
    f1: float
    em: float


def read_paragraphs(squad: Squad, questions: Sequence[LabelledQuestion], reader: ExtractiveReader) -> list[Found]:
    """Questions, each with its own paragraph -> the best span over the paragraph's windows."""
    by_path = {document.path: document for document in squad.documents}
    found = []
    for question in questions:
        place = squad.paragraphs[question.id]
        context = by_path[f"{question.split}.txt"].slice(place)
        windows = [context[span.start : span.end] for span in windows_of(context)]
        score, answer = reader.best_span(question.question, windows)
        gold = [context[span.start - place.start : span.end - place.start] for _, span in question.gold]
        f1s, ems = [token_f1(answer, text) for text in gold], [exact(answer, text) for text in gold]
        found.append(Found(score, max(f1s, default=0.0), max(ems, default=0.0)))
    return found


def normalised(text: str) -> list[str]:
    """Text -> tokens as SQuAD's own evaluation compares them: lower case, no punctuation, no articles."""
    text = "".join(character for character in text.lower() if character not in string.punctuation)
    return re.sub(r"\b(a|an|the)\b", " ", text).split()


def token_f1(answer: str, gold: str) -> float:
    """Two texts -> the F1 of their tokens, 0..1."""
    ours, theirs = normalised(answer), normalised(gold)
    if not ours or not theirs:
        return float(ours == theirs)
    common = sum((Counter(ours) & Counter(theirs)).values())
    return 2 * common / (len(ours) + len(theirs))


def exact(answer: str, gold: str) -> float:
    """Two texts -> 1 where they are equal token by token, else 0."""
    return float(normalised(answer) == normalised(gold))


def paragraph_figures(found: Sequence[Found], answerable: npt.NDArray[np.bool_]) -> Iterator[str]:
    """What was found -> lines: F1 at no threshold, at the best one, and where the three are most alike."""
    scores, f1 = np.array([item.score for item in found]), np.array([item.f1 for item in found])
    em = np.array([item.em for item in found])
    yield f"F1 of the answerable, no threshold: {f1[answerable].mean():.3f} (EM {em[answerable].mean():.3f})"
    yield f"AUROC, answerable or not: {auroc(scores[answerable].tolist(), scores[~answerable].tolist()):.3f}"

    def at(threshold: float) -> tuple[float, float, float]:
        kept = scores >= threshold
        value = np.where(answerable, f1 * kept, ~kept)
        return float(value.mean()), float(value[answerable].mean()), float(value[~answerable].mean())

    thresholds = np.quantile(scores, np.linspace(0, 1, 401)).tolist()
    for name, threshold in (
        ("best", max(thresholds, key=lambda t: at(t)[0])),
        ("balanced", max(thresholds, key=lambda t: min(at(t)))),
    ):
        figures = " / ".join(f"{value:.3f}" for value in at(threshold))
        yield f"F1 all / answerable / refused, {name} threshold {threshold:.2f}: {figures}"


def corpus_figures(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Outcomes -> lines: the right sentence first, the risk at each coverage, the error of the probabilities."""
    right = np.array([outcome.is_right for outcome in outcomes])
    answerable = np.array([outcome.labelled.is_answerable for outcome in outcomes])
    probability = np.array([outcome.answer.probability or 0.0 for outcome in outcomes])
    answered = np.array([outcome.is_answered for outcome in outcomes])
    yield f"right sentence first, answerable ones: {right[answerable].mean():.3f} (n = {answerable.sum():,})"
    yield f"AUROC, answerable or not: {auroc(probability[answerable].tolist(), probability[~answerable].tolist()):.3f}"
    for coverage in COVERAGES:
        wrong = wrong_at(coverage, probability, right, answerable)
        yield f"wrong among answered, {coverage:.0%} of the answerable answered: {wrong:.3f}"
    yield f"ECE, 15 bins: {calibration_error(probability, right):.3f}"
    yield (
        f"at the threshold shipped: wrong among answered {1 - right[answered].mean():.3f},"
        f" answerable answered {answered[answerable].mean():.3f}"
    )


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.accuracy.squad2", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--held-out", action="store_true", help="only the articles that training left out")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only every Nth question")
    parser.add_argument("--setting", choices=("both", "paragraph", "corpus"), default="both")
    args = parser.parse_args()
    squad = read_squad(args.file)
    questions = [question for question in squad.questions if not args.held_out or question.split in HELD_OUT]
    questions = questions[:: args.every]
    answerable = np.array([question.is_answerable for question in questions])
    print(f"{len(questions):,} questions, {answerable.sum():,} answerable", flush=True)
    if args.setting != "corpus":
        print("Each with its own paragraph:", flush=True)
        for line in paragraph_figures(read_paragraphs(squad, questions, load_extractive()), answerable):
            print("  " + line, flush=True)
    if args.setting != "paragraph":
        print(f"All {len(squad.documents)} articles as one corpus:", flush=True)
        for line in corpus_figures(run(questions, responder_for(squad))):
            print("  " + line, flush=True)


if __name__ == "__main__":
    main()
