"""Terms: the words that count, and how rows are ranked by them."""

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.terms import TermIndex, build_terms, load_terms, stem, terms_of, words_of
from tests.unit.fakes import awkward_texts

rows = st.lists(st.lists(st.sampled_from(("crane", "mud", "herring", "pier", "é")), max_size=5), max_size=6)


def files(index: TermIndex, folder: Path) -> dict[str, bytes]:
    index.save(folder)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


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
def test_rows_without_terms_are_an_index(corpus: list[list[str]], tmp_path: Path) -> None:
    """No rows, or rows without a term, give an index in which nothing is found, also after it was saved."""
    index = build_terms(corpus)
    index.save(tmp_path)
    for form in (index, load_terms(tmp_path, len(corpus))):
        assert form.scores(["crane"]).tolist() == [0.0] * len(corpus)
        assert form.best(form.scores(["crane"]), 5).tolist() == []
        assert not math.isnan(form.idf("crane"))


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


@given(rows.filter(bool))
def test_equal_rows_give_equal_files(tmp_path_factory: pytest.TempPathFactory, corpus: list[list[str]]) -> None:
    """Built twice from the same rows, an index is the same byte for byte, and as good after it was loaded."""
    one, other = tmp_path_factory.mktemp("one"), tmp_path_factory.mktemp("other")
    first = build_terms(corpus)
    assert files(first, one) == files(build_terms(list(corpus)), other)
    loaded = load_terms(one, len(corpus))
    for term in ("crane", "mud", "zebra"):
        assert loaded.scores([term]).tolist() == first.scores([term]).tolist()
        assert loaded.idf(term) == first.idf(term)
        assert (term in loaded) == (term in first)


def test_term_numbers_follow_the_alphabet(tmp_path: Path) -> None:
    """The files do not depend on the order in which a set happens to give its terms."""
    terms = [f"term{number:02}" for number in range(40)]
    index = build_terms([terms[::-1], terms[::3]])
    numbers = index._bm25.vocab_dict
    assert sorted(terms, key=numbers.__getitem__) == terms
    assert not [path for path in files(index, tmp_path) if path.endswith((".pkl", ".pickle"))]
