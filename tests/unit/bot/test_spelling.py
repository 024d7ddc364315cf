"""Spelling: only what neither the corpus nor a dictionary knows, and only towards the corpus."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.spelling import Speller

WORDS = {
    "rosneft": 2,
    "vladivostok": 3,
    "peninsula": 1,
    "pipeline": 4,
    "moscow": 9,
    "trade": 5,
    "u.s": 1,
    "35s": 1,
    "kurile": 1,
}
SPELLER = Speller(WORDS)


@pytest.mark.parametrize(
    ("question", "corrections"),
    [
        ("What does Rosenft sell?", {"Rosenft": "Rosneft"}),
        ("VLADIVSTOCK?", {"VLADIVSTOCK": "VLADIVOSTOK"}),
        ("the korean penninsula", {"penninsula": "peninsula"}),
        ("Mosco", {"Mosco": "Moscow"}),
    ],
)
def test_a_misspelt_word_is_read_as_the_corpus_has_it(question: str, corrections: dict[str, str]) -> None:
    """A word within a slip or two of the corpus's is read as that, with the capitals it was typed in."""
    assert SPELLER.corrections(question) == corrections


@pytest.mark.parametrize(
    "question",
    [
        "Where is Moscow?",
        "pipelines",
        "Kurile’s",
        "wouldn't",
        "housing",
        "tirade",
        "xyzzyplugh",
        "Msc",
        "1904 35s",
        "",
        "\U0001f680 ???",
    ],
)
def test_other_words_are_left_alone(question: str) -> None:
    """Words that the corpus or a dictionary knows in any form, short ones, and those near to nothing stay."""
    assert SPELLER.corrections(question) == {}


def test_among_equals_the_commonest_wins() -> None:
    """Of two words as near, the one that the corpus has more often is read; of those, the first in the alphabet."""
    assert Speller({"zorbaq": 1, "zorbax": 5}).corrections("zorbaz") == {"zorbaz": "zorbax"}
    assert Speller({"zorbax": 5, "zorbaq": 5}).corrections("zorbaz") == {"zorbaz": "zorbaq"}


@given(st.text(st.characters(codec=None), max_size=60), st.dictionaries(st.text(max_size=8), st.integers(1, 9)))
def test_corrections_are_words_of_the_corpus(question: str, words: dict[str, int]) -> None:
    """Whatever is typed and whatever the corpus holds, a correction is one of the corpus's words."""
    for wrong, right in Speller(words).corrections(question).items():
        assert wrong in question
        assert right.lower() in {word.lower() for word in words}


def test_an_empty_corpus_corrects_nothing() -> None:
    """Without words of its own a corpus corrects none."""
    assert Speller({}).corrections("Where is Moscov?") == {}
