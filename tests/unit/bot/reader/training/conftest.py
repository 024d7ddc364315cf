"""A data folder like the one that the reader is trained on, in miniature."""

import gzip
import json
from pathlib import Path

import pytest

TOWNS = [f"{name}{end}" for name in ("Ys", "Vinet", "Rungholt", "Kitezh") for end in "abcdefghijklmnopqr"]


def _context(town: str, number: int) -> str:
    return (
        f"The town of {town} lay by the sea. It was founded in {1000 + number} by {1 + number} fishermen. "
        f"Its harbour, which the king of {town} had built, held {40 + number} ships and a light. "
        f"Nobody who left {town} after the storm ever came back to look for the bells, though many wished to. "
    ) * 2


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder in miniature: questions of two sources, SQuAD 2.0 with one that has no answer, and pairs."""
    folder = tmp_path_factory.mktemp("data")
    rows = []
    for number, town in enumerate(TOWNS):
        context = _context(town, number)
        for question, answer in (
            (f"When was the town of {town} founded?", str(1000 + number)),
            (f"How many ships did the harbour of {town} hold?", str(40 + number)),
            (f"What lay by the sea near {town}?", f"The town of {town}"),
        ):
            start = context.index(answer)
            source = "squadshifts_new_wiki" if number % 2 else "fairytaleqa_train"
            answers = [{"text": answer, "start": start}]
            rows.append(
                {"question": question, "context": context, "answers": answers, "answerable": True, "source": source}
            )
    with gzip.open(folder / "train.jsonl.gz", "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)
    squad = [{"question": "Who burnt Ysa?", "answers": []}]
    paragraphs = [{"context": _context("Ysa", 0), "qas": squad}]
    with gzip.open(folder / "squad2_train.json.gz", "wt", encoding="utf-8") as file:
        json.dump({"data": [{"title": "Towns", "paragraphs": paragraphs}]}, file)
    with gzip.open(folder / "pairs.jsonl.gz", "wt", encoding="utf-8") as file:
        pair = {"question": "Who left?", "sentence": "Nobody left.", "label": 1, "source": "selqa_test"}
        file.write(json.dumps(pair) + "\n")
    return folder
