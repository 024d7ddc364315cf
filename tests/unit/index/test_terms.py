"""Terms: the words that count, and how rows are ranked by them."""

import math
from typing import Any

import bm25s
import numpy as np
import pytest
from bm25s.stopwords import STOPWORDS_EN_PLUS
from hypothesis import given
from hypothesis import strategies as st

from index.terms import STOP_WORDS, TermIndex, build_terms, merge_terms, stem, terms_of, words_of
from tests.unit.fakes import POSTINGS, awkward_texts

rows = st.lists(st.lists(st.sampled_from(("crane", "mud", "herring", "pier", "é")), max_size=5), max_size=6)


def arrays(index: TermIndex) -> dict[str, Any]:
    """All of an index, to be compared, with the type of every array."""
    postings = index.postings
    named = {name: getattr(postings, name).whole for name in POSTINGS}
    return {"terms": list(postings.terms)} | {name: (array.dtype.str, array.tolist()) for name, array in named.items()}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The U.S. and the U.K.", ["the", "us", "and", "the", "uk"]),
        ("Putin’s ties; the ships' crews'", ["putin", "ties", "the", "ships", "crews"]),
        ("don't", ["don't"]),
        ("SU-35s in 2006", ["su", "35s", "in", "2006"]),
        ("ﬁne Ⅳ", ["fine", "iv"]),
        ("3.50", ["3", "50"]),
        ("… — !", []),
        ("", []),
    ],
)
def test_words_are_what_one_would_search_for(text: str, words: list[str]) -> None:
    """Words are in lower case, without possessive endings or the dots of initials, ligatures taken apart."""
    assert words_of(text) == words


@given(awkward_texts())
def test_any_text_has_words(text: str) -> None:
    """Whatever a text holds it gives words, and terms without an empty one."""
    assert all(word == word.lower() for word in words_of(text) if word.isascii())
    assert all(terms_of(text))


def test_terms_leave_out_what_frames_a_question() -> None:
    """Words like those of asking are no terms; forms of one word are the same term."""
    assert terms_of("Please tell me, what does it say about the cranes?") == terms_of("crane")
    assert terms_of("what is it?") == []


def test_stems_come_one_for_one() -> None:
    """Each word gives one stem, in order; none gives none."""
    assert stem(["cranes", "lifting", "crane"]) == ["crane", "lift", "crane"]
    assert stem([]) == []


@given(rows)
def test_a_row_scores_where_it_has_a_term(corpus: list[list[str]]) -> None:
    """A row's score is above zero exactly if it holds one of the query's terms."""
    index = build_terms(corpus)
    scores = index.scores(["crane", "é"])
    assert scores.dtype == np.float32
    assert len(scores) == len(index) == len(corpus)
    assert [score > 0 for score in scores] == [bool({"crane", "é"} & set(row)) for row in corpus]


@given(rows, st.integers(1, 7))
def test_the_best_come_first_and_ties_in_row_order(corpus: list[list[str]], k: int) -> None:
    """The k best rows above zero, by falling score and then by number: as a full sort gives them."""
    index = build_terms(corpus)
    scores = index.scores(["mud", "pier"])
    expected = sorted((row for row in range(len(corpus)) if scores[row] > 0), key=lambda row: (-scores[row], row))
    assert index.best(scores, k).tolist() == expected[:k]


def test_absent_terms_change_nothing() -> None:
    """Terms that no row holds, the empty one too, are passed over in a query."""
    index = build_terms([["crane"], ["mud"]])
    assert index.scores(["crane", "zebra", ""]).tolist() == index.scores(["crane"]).tolist()
    assert index.scores(["zebra"]).tolist() == [0.0, 0.0]
    assert index.scores([]).tolist() == [0.0, 0.0]
    assert "zebra" not in index
    assert "" not in index
    assert "crane" in index


@pytest.mark.parametrize("corpus", [[], [[]], [[], []]])
def test_rows_without_terms_are_an_index(corpus: list[list[str]]) -> None:
    """No rows, or rows without a term, give an index in which nothing is found."""
    index = build_terms(corpus)
    assert index.scores(["crane"]).tolist() == [0.0] * len(corpus)
    assert index.best(index.scores(["crane"]), 5).tolist() == []
    assert not math.isnan(index.idf("crane"))


def test_rarer_terms_weigh_more() -> None:
    """The inverse document frequency is Lucene's, falls as more rows hold a term, and is highest for an absent one."""
    index = build_terms([["crane", "mud"], ["crane"], ["crane", "crane"]])
    assert index.idf("crane") == pytest.approx(math.log(1 + 0.5 / 3.5))
    assert index.idf("mud") == pytest.approx(math.log(1 + 2.5 / 1.5))
    assert index.idf("zebra") == pytest.approx(math.log(1 + 3.5 / 0.5))


def test_bm25_is_lucenes() -> None:
    """A score is idf * tf / (tf + k1 * (1 - b + b * length / mean length)), worked out by hand for one row."""
    index = build_terms([["crane", "crane", "mud"], ["pier"]])
    expected = index.idf("crane") * 2 / (2 + 1.5 * (1 - 0.75 + 0.75 * 3 / 2))
    assert index.scores(["crane"])[0] == pytest.approx(expected, rel=1e-5)


def test_function_words_are_no_terms() -> None:
    """The English function words of another implementation are ours, too, one by one and in a sentence."""
    assert set(STOPWORDS_EN_PLUS) <= STOP_WORDS
    assert terms_of("What was it that they had, and whose are these?") == ["whose"]


@given(rows.filter(any), st.lists(st.sampled_from(("crane", "mud", "herring", "pier", "é")), min_size=1, max_size=4))
def test_scores_are_those_of_bm25s(corpus: list[list[str]], question: list[str]) -> None:
    """Another implementation of the same formula gives the same scores."""
    numbers = {term: number for number, term in enumerate(sorted({term for row in corpus for term in row}))}
    peer = bm25s.BM25(k1=1.5, b=0.75, method="lucene", backend="numpy")
    peer.index(([[numbers[term] for term in row] for row in corpus], numbers), show_progress=False)
    ids = peer.get_tokens_ids(question)
    expected = peer.get_scores_from_ids(ids) if ids else np.zeros(len(corpus))
    np.testing.assert_allclose(build_terms(corpus).scores(question), expected, rtol=1e-5)


@given(rows, st.data())
def test_an_index_made_from_an_older_one_is_the_same(corpus: list[list[str]], data: st.DataObject) -> None:
    """Rows taken over in any order, some left out, others new between them: as if built from all of them."""
    kept = data.draw(st.lists(st.sampled_from(range(len(corpus))), unique=True) if corpus else st.just([]))
    made = [(row, corpus[row]) for row in kept]
    for new in data.draw(rows):
        made.insert(data.draw(st.integers(0, len(made))), (-1, new))
    origin = np.array([row for row, _ in made], np.int64)
    merged = merge_terms(build_terms(corpus), origin, [terms for row, terms in made if row < 0])
    assert arrays(merged) == arrays(build_terms([terms for _, terms in made]))


def test_term_numbers_follow_the_alphabet() -> None:
    """The arrays do not depend on the order in which rows happen to give their terms."""
    terms = [f"term{number:02}" for number in range(40)]
    assert build_terms([terms[::-1], terms[::3]]).postings.terms == terms
