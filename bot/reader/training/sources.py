"""Data files -> questions with the texts they were asked of."""

import gzip
import json
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from index.records import Span

# Only sources whose licence is known and permits shipping weights; how many questions of each are used.
# qamr asks 36,000 questions about 950 sentences: beyond some 10,000 it teaches little.
QUESTIONS = {
    "squadshifts_new_wiki": 8_000,
    "squadshifts_amazon_reviews": 6_500,
    "squadshifts_reddit": 6_500,
    "squad11_train_sub": 4_000,
    "qed_train": 6_500,
    "fairytaleqa_train": 4_500,
    "fairytaleqa_val": 600,
    "fairytaleqa_test": 600,
    "policyqa_dev": 2_500,
    "qamr_dev": 4_500,
    "qamr_test": 4_500,
}
PAIRS = {"nqg_test(squad train)": 7_000, "squad_train_kou": 6_000, "selqa_test": 4_500}
# Kept for selection and calibration: a science, a society and a history article.
HELD_OUT = frozenset({"Immune_system", "Scottish_Parliament", "1973_oil_crisis"})
SQUAD2 = "squad2_train"


@dataclass(frozen=True, slots=True)
class Question:
    """A question about a text.

    Attributes:
        text: the question.
        context: the paragraph it was asked of.
        answers: where the text answers it, the answer most annotators gave first; empty when it does not.
        source: the data set.
        topic: the article or text it belongs to.
    """

    text: str
    context: str
    answers: tuple[Span, ...]
    source: str
    topic: str


@dataclass(frozen=True, slots=True)
class Pair:
    """A question and a sentence that does or does not answer it; where in the sentence is not known."""

    question: str
    sentence: str
    answers: bool
    source: str


def read_questions(data: Path, seed: int) -> list[Question]:
    """`train.jsonl.gz` -> a sample of its questions, each source capped by `QUESTIONS`; other sources left out."""
    by_source: dict[str, list[Question]] = {source: [] for source in QUESTIONS}
    with gzip.open(data / "train.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            if row["source"] not in by_source or not row["answerable"]:
                continue
            spans = [Span(a["start"], a["start"] + len(a["text"])) for a in row["answers"]]
            by_source[row["source"]].append(
                Question(row["question"], row["context"], _by_frequency(spans), row["source"], row["source"])
            )
    chance = random.Random(seed)
    return [
        question
        for source, questions in by_source.items()
        for question in chance.sample(questions, min(len(questions), QUESTIONS[source]))
    ]


def read_squad2(path: Path) -> Iterator[Question]:
    """A SQuAD 2.0 file, gzipped -> its questions in order, topic = article title."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        articles = json.load(file)["data"]
    for article in articles:
        for paragraph in article["paragraphs"]:
            for row in paragraph["qas"]:
                spans = [Span(a["answer_start"], a["answer_start"] + len(a["text"])) for a in row["answers"]]
                yield Question(row["question"], paragraph["context"], _by_frequency(spans), SQUAD2, article["title"])


def read_pairs(data: Path, seed: int) -> list[Pair]:
    """`pairs.jsonl.gz` -> a sample of its pairs, each source capped by `PAIRS`; other sources left out."""
    by_source: dict[str, list[Pair]] = {source: [] for source in PAIRS}
    with gzip.open(data / "pairs.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            if row["source"] in by_source:
                pair = Pair(row["question"].strip(), row["sentence"].strip(), bool(row["label"]), row["source"])
                by_source[row["source"]].append(pair)
    chance = random.Random(seed)
    kept = []
    for source, pairs in by_source.items():
        positive = [pair for pair in pairs if pair.answers]
        negative = [pair for pair in pairs if not pair.answers]
        chance.shuffle(positive)
        chance.shuffle(negative)
        kept += (positive + negative)[: PAIRS[source]]
    return kept


def _by_frequency(spans: list[Span]) -> tuple[Span, ...]:
    """Spans as annotators gave them -> distinct, the most frequent first, of equal ones the first given."""
    return tuple(span for span, _ in Counter(spans).most_common())
