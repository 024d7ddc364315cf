"""Measures the reader on SQuAD 2.0: `python -m tests.accuracy.squad2 FILE`.

FILE is a SQuAD 2.0 file, plain or gzipped; it does not come with Quoth. Two settings: each question with the paragraph
it was asked of, in windows as the index makes them; and all paragraphs as one corpus, asked as a user would.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bot.lab.abstention import auroc, calibration_error, wrong_at
from bot.lab.formats import read_questions
from bot.lab.questions import LabelledQuestion, QuestionFile, locate
from bot.lab.quotes import exact, token_f1
from bot.lab.run import Outcome, run
from bot.reader.extractive import ExtractiveReader, load_extractive
from bot.reader.training.sources import HELD_OUT
from bot.reader.training.windows import windows_of
from bot.respond import responder_over
from index.cores import n_cores
from index.encoder import load_encoder
from index.records import Corpus
from index.settings import IndexSettings

COVERAGES = (0.4, 0.55)
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Found:
    """The best span of a question's paragraph: its score over "none", and its F1 and EM with the gold."""

    score: float
    f1: float
    em: float


def read_paragraphs(
    squad: QuestionFile, questions: Sequence[LabelledQuestion], reader: ExtractiveReader
) -> list[Found]:
    """Questions, each with its own paragraph -> the best span over the paragraph's windows."""
    by_path = {document.path: document for document in squad.documents or ()}
    paragraphs = squad.paragraphs or {}
    found = []
    for question in questions:
        place = paragraphs[question.id]
        context = by_path[f"{question.split}.txt"].slice(place)
        windows = [context[span.start : span.end] for span in windows_of(context)]
        score, answer = reader.best_span(question.question, windows)
        gold = [
            context[span.start - place.start : span.end - place.start] for span in (gold.span for gold in question.gold)
        ]
        f1s, ems = [token_f1(answer, text) for text in gold], [exact(answer, text) for text in gold]
        found.append(Found(score, max(f1s, default=0.0), max(ems, default=0.0)))
    return found


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
    probability = np.array([outcome.probability for outcome in outcomes])
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
    squad = read_questions(args.file)
    documents = squad.documents or ()
    questions = [question for question in locate(squad, documents) if not args.held_out or question.split in HELD_OUT]
    questions = questions[:: args.every]
    answerable = np.array([question.is_answerable for question in questions])
    print(f"{len(questions):,} questions, {answerable.sum():,} answerable", flush=True)
    if args.setting != "corpus":
        print("Each with its own paragraph:", flush=True)
        for line in paragraph_figures(read_paragraphs(squad, questions, load_extractive()), answerable):
            print("  " + line, flush=True)
    if args.setting != "paragraph":
        print(f"All {len(documents)} articles as one corpus:", flush=True)
        responder = responder_over(Corpus("", documents), IndexSettings(), load_encoder())
        for line in corpus_figures(run(questions, responder, workers=n_cores())):
            print("  " + line, flush=True)


if __name__ == "__main__":
    main()
