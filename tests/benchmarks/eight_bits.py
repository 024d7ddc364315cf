"""What it costs that the shipped model is served in 8 bits: the same questions with float32 vectors and with those.

    python -m tests.benchmarks.eight_bits DATA [--passages 30000]

DATA holds `nq_questions.jsonl.gz` and `wikipedia_passages.jsonl.gz`, as `tests.benchmarks.wikipedia` has them. Each
question is looked for among the passages that answer the questions and as many others, by exact cosine. Takes about 20
minutes on two cores.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bot.lab.estimates import estimate
from index.encoder import Encoder, Vectors, load_encoder
from index.settings import DEFAULT_MODEL
from tests.benchmarks.wikipedia import ARTICLES, QUESTIONS, rows_of

_AT_ONCE = 256


def main() -> None:
    """Prints how often the right passage is found, with either, and the difference with its 95% interval."""
    # PyTorch takes seconds to import.
    from index.encoder.export import export_float32  # noqa: PLC0415
    from index.encoder.sentence_transformer import load_sentence_transformer  # noqa: PLC0415

    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.eight_bits", description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--passages", type=int, default=30_000)
    args = parser.parse_args()
    rows = list(rows_of(args.data / QUESTIONS))
    gold = sorted({(row["gold_title"], row["gold_text"]) for row in rows})
    others = [(row["title"], row["text"]) for row in rows_of(args.data / ARTICLES)]
    chosen = np.random.default_rng(5).choice(len(others), min(args.passages, len(others)), replace=False)
    passages = [f"{title}. {text}" for title, text in gold + [others[number] for number in sorted(chosen.tolist())]]
    number_of = {entry: number for number, entry in enumerate(gold)}
    right = np.array([number_of[row["gold_title"], row["gold_text"]] for row in rows])
    questions = [row["question"] for row in rows]
    print(f"{len(questions):,} questions, {len(passages):,} passages", flush=True)
    _, exact = export_float32(load_sentence_transformer(DEFAULT_MODEL))
    asked, found = {}, {}
    for name, encoder in (("float32", exact), ("8 bits", load_encoder())):
        asked[name], found[name] = encoded(encoder, questions), encoded(encoder, passages)
        print(f"encoded in {name}", flush=True)
    alike = (found["float32"] * found["8 bits"]).sum(axis=1)
    print(f"cosine of a passage's two vectors: {alike.mean():.3f} in the mean, {alike.min():.3f} at least")
    ranks = {name: ranks_of(asked[name], found[name], right) for name in asked}
    for k in (1, 10):
        before, after = ((ranks[name] <= k).astype(np.float64) for name in ("float32", "8 bits"))
        difference = estimate(after - before)
        print(f"success@{k}: float32 {before.mean():.4f}, 8 bits {after.mean():.4f}", end="; difference ")
        print(f"{difference.value:+.4f} ({difference.low:+.4f} to {difference.high:+.4f})")


def encoded(encoder: Encoder, texts: Sequence[str]) -> Vectors:
    """Texts -> their vectors."""
    return np.concatenate(list(encoder.encode_batches(texts)))


def ranks_of(questions: Vectors, passages: Vectors, right: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Questions, passages, and which of these answers each -> at which place it comes, from 1."""
    ranks = []
    for start in range(0, len(questions), _AT_ONCE):
        cosines = questions[start : start + _AT_ONCE] @ passages.T
        own = cosines[np.arange(len(cosines)), right[start : start + _AT_ONCE]]
        ranks.append(1 + (cosines > own[:, None]).sum(axis=1))
    return np.concatenate(ranks)


if __name__ == "__main__":
    main()
