"""Fits the simple reader and its confidence on the dev questions: `make calibrate`.

Writes `bot/reader/sentences.json` and `bot/confidence.json`, each with how it was fitted. The test questions are not
opened.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold, StratifiedKFold, cross_val_predict

from bot.accuracy import LabelledQuestion, auroc, read_questions, run
from bot.confidence import Confidence
from bot.question import read_question
from bot.reader import Reading
from bot.reader.sentences import NAME, SentenceReader
from bot.respond import Responder
from bot.spelling import Speller
from index.build import index_corpus
from index.documents import read_corpus
from index.encoder import load_encoder
from index.settings import DEFAULT_MODEL, IndexSettings
from index.snapshot import Snapshot

ROOT = Path(__file__).resolve().parents[2]
QUESTIONS = Path(__file__).with_name("essay.jsonl")
EVIDENCE = ("cosine", "context_cosine", "passage_cosine", "coverage", "context_coverage", "passage_coverage")
# Of all subsets tried, these two tell answerable from unanswerable best on held-out folds: 0.84; all six: 0.81.
CONFIDENCE_EVIDENCE = ("cosine", "passage_cosine")
RIDGE = 0.02
FOLDS = 10
Matrix = npt.NDArray[np.float64]


def main() -> None:
    """Fits, prints what the fit does on held-out folds of dev, writes both files."""
    contents, _ = index_corpus(read_corpus(ROOT / "corpus"), IndexSettings(), encoder := load_encoder())
    anything = Confidence(NAME, DEFAULT_MODEL, {"cosine": 1.0}, 0.0, 0.5)
    speller = Speller(contents.words)
    responder = Responder(
        Snapshot("dev", contents), encoder, SentenceReader(encoder, dict.fromkeys(EVIDENCE, 1.0)), anything, speller
    )
    questions = read_questions(QUESTIONS, contents.documents, split="dev")
    weights = _fit_ranking(questions, responder)
    responder = replace(responder, reader=SentenceReader(encoder, weights))
    _fit_confidence(questions, responder)


def _fit_ranking(questions: Sequence[LabelledQuestion], responder: Responder) -> dict[str, float]:
    """Maximum likelihood of a right sentence under a softmax over the sentences of a question.

    ListNet's top-one probability (Cao et al. 2007, doi:10.1145/1273496.1273513) with ridge.
    """
    examples = [example for question in questions if (example := _example(question, responder)) is not None]
    deviations = np.concatenate([evidence for evidence, _ in examples]).std(axis=0)
    right = []
    for train, held_out in KFold(FOLDS, shuffle=True, random_state=0).split(np.arange(len(examples))):
        fitted = _softmax_fit([examples[i] for i in train], deviations)
        right += [examples[i][1][np.argmax(examples[i][0] @ fitted)] for i in held_out]
    by_cosine = [labels[np.argmax(evidence[:, 0])] for evidence, labels in examples]
    fitted = _softmax_fit(examples, deviations)
    weights = dict(zip(EVIDENCE, (round(float(weight), 4) for weight in fitted), strict=True))
    _write(
        ROOT / "bot" / "reader" / "sentences.json",
        {
            "weights": weights,
            "encoder": DEFAULT_MODEL,
            "fitted_on": f"{len(examples)} answerable dev questions of tests/accuracy/essay.jsonl",
            "right_sentence_first": {
                f"{FOLDS}-fold": round(float(np.mean(right)), 3),
                "by the cosine alone": round(float(np.mean(by_cosine)), 3),
            },
        },
    )
    return weights


def _example(question: LabelledQuestion, responder: Responder) -> tuple[Matrix, npt.NDArray[np.bool_]] | None:
    readings = responder.read(read_question(question.question, responder.speller)).readings
    labels = np.array([_is_gold(question, reading, responder) for reading in readings])
    if not labels.any():
        return None
    return np.array([[reading.evidence[name] for name in EVIDENCE] for reading in readings]), labels


def _is_gold(question: LabelledQuestion, reading: Reading, responder: Responder) -> bool:
    contents = responder.snapshot.contents
    sentence = contents.sentences[reading.sentence]
    return question.is_right(contents.documents[sentence.document], sentence.span)


def _softmax_fit(examples: Sequence[tuple[Matrix, npt.NDArray[np.bool_]]], deviations: Matrix) -> Matrix:
    def loss(scaled: Matrix) -> tuple[float, Matrix]:
        total, gradient = RIDGE * len(examples) * float(scaled @ scaled) / 2, RIDGE * len(examples) * scaled
        for evidence, labels in examples:
            values = evidence / deviations
            logits = values @ scaled
            odds = np.exp(logits - logits.max())
            share = odds / odds.sum()
            gold = share * labels / (share * labels).sum()
            total -= float(np.log((share * labels).sum()))
            gradient = gradient - values.T @ (gold - share)
        return total, gradient

    return np.asarray(minimize(loss, np.zeros(len(EVIDENCE)), jac=True, method="L-BFGS-B").x / deviations)


def _fit_confidence(questions: Sequence[LabelledQuestion], responder: Responder) -> None:
    """Logistic regression: does the first quote answer? The threshold makes the fewest mistakes on held-out folds.

    A mistake is a question answered with a wrong first quote, or refused though its first quote was right.
    """
    outcomes = run(questions, responder)
    evidence = []
    for outcome in outcomes:
        readings = responder.read(read_question(outcome.labelled.question, responder.speller)).readings
        evidence.append([readings[0].evidence[name] for name in CONFIDENCE_EVIDENCE])
    values = np.array(evidence)
    right = np.array([outcome.is_right for outcome in outcomes])
    answerable = np.array([outcome.labelled.is_answerable for outcome in outcomes])
    model = LogisticRegression(C=100.0, max_iter=10_000)
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
    held_out = cross_val_predict(model, values, right, cv=folds, method="predict_proba")[:, 1]
    candidates = np.arange(0.05, 0.951, 0.01)
    mistakes = [int(((held_out >= t) & ~right).sum() + ((held_out < t) & right).sum()) for t in candidates]
    best = min(mistakes)
    # Between the optima, not on the edge of one.
    threshold = round(float(np.median(candidates[np.array(mistakes) == best])), 2)
    model.fit(values, right)
    answered = held_out >= threshold
    _write(
        ROOT / "bot" / "confidence.json",
        {
            NAME: {
                "encoder": DEFAULT_MODEL,
                "weights": dict(zip(CONFIDENCE_EVIDENCE, (round(float(w), 4) for w in model.coef_[0]), strict=True)),
                "intercept": round(float(model.intercept_[0]), 4),
                "threshold": threshold,
                "fitted_on": f"{len(questions)} dev questions of tests/accuracy/essay.jsonl",
                f"on {FOLDS} held-out folds": {
                    "auroc of answerable": round(
                        auroc(held_out[answerable].tolist(), held_out[~answerable].tolist()), 3
                    ),
                    "mistakes": best,
                    "wrong among answered": round(float((answered & ~right).sum() / answered.sum()), 3),
                    "answerable refused": round(float((~answered & answerable).sum() / answerable.sum()), 3),
                    "unanswerable refused": round(float((~answered & ~answerable).sum() / (~answerable).sum()), 3),
                },
            }
        },
    )


def _write(file: Path, value: dict[str, object]) -> None:
    text = json.dumps(value, indent=2, ensure_ascii=False) + "\n"
    file.write_text(text, encoding="utf-8")
    print(f"{file.relative_to(ROOT)}\n{text}")


if __name__ == "__main__":
    main()
