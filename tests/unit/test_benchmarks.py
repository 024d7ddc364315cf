"""What benchmarks work out is right: where they write, how they rank, what they count."""

import gzip
import json
import sys
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.benchmarks.eight_bits import ranks_of
from tests.benchmarks.wikipedia import ARTICLES, QUESTIONS, multiply_adds, spaced, watched, write_corpus


def test_articles_become_files_and_questions_know_theirs(tmp_path: Path) -> None:
    """Each article and each distinct gold text is a file, and every question names the one that answers it."""
    articles = [{"id": f"/{n}", "title": f"Article {n}", "text": f"Text {n}."} for n in range(3)]
    questions = [
        {"question": f"Who {n}?", "answers": [f"{n % 2}"], "gold_title": "Gold", "gold_text": f"Gold {n % 2}."}
        for n in range(3)
    ]
    for name, rows in ((ARTICLES, articles), (QUESTIONS, questions)):
        with gzip.open(tmp_path / name, "wt", encoding="utf-8") as lines:
            lines.writelines(json.dumps(row) + "\n" for row in rows)
    write_corpus(tmp_path, tmp_path / "out", 2)
    files = sorted((tmp_path / "out" / "corpus").rglob("*.md"))
    texts = [file.read_text("utf-8") for file in files]
    assert sorted(texts) == [
        "# Article 0\n\nText 0.\n",
        "# Article 1\n\nText 1.\n",
        "# Gold\n\nGold 0.\n",
        "# Gold\n\nGold 1.\n",
    ]
    asked = [json.loads(line) for line in (tmp_path / "out" / "questions.jsonl").read_text("utf-8").splitlines()]
    assert [entry["question"] for entry in asked] == ["Who 0?", "Who 1?", "Who 2?"]
    for entry in asked:
        text = (tmp_path / "out" / "corpus" / entry["document"]).read_text("utf-8")
        assert f"Gold {entry['answers'][0]}." in text


def test_answers_are_compared_word_by_word() -> None:
    """As SQuAD compares them: without case, punctuation and articles, and never half a word."""
    assert spaced("May 18, 2018.") in spaced("It came on the May 18, 2018!")
    assert spaced("cat") not in spaced("A category")


def test_work_is_what_matrices_take() -> None:
    """For one token: the weights of six layers, and its attention to itself."""
    assert multiply_adds(np.array([1])).tolist() == [6 * (4 * 384**2 + 2 * 384 * 1536 + 2 * 384)]


@given(st.integers(1, 6), st.integers(1, 9))
def test_ranks_are_those_of_a_sort(n_questions: int, n_passages: int) -> None:
    """The right passage's place among all by falling cosine."""
    chance = np.random.default_rng(n_questions * 10 + n_passages)
    questions, passages = (chance.standard_normal((n, 4)).astype(np.float32) for n in (n_questions, n_passages))
    right = chance.integers(0, n_passages, n_questions)
    orders = np.argsort(-(questions @ passages.T), axis=1)
    expected = [order.tolist().index(row) + 1 for order, row in zip(orders, right.tolist(), strict=True)]
    assert ranks_of(questions, passages, right).tolist() == expected


def test_a_command_is_watched_to_its_end() -> None:
    """Its time is at least what it slept, and it took some memory."""
    cost = watched([sys.executable, "-c", "import time; time.sleep(0.7)"])
    assert cost.clock >= 0.7
    assert 1 < cost.anonymous <= cost.resident < 1_000
