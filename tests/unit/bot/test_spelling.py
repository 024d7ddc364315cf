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
    "kuriles": 2,
    "sakhalin": 4,
    "beijing": 6,
    "korean": 2,
    "arctic": 3,
    "asian": 4,
    "naval": 2,
    "able": 2,
    "with": 20,
    "putin": 9,
    "neighbors": 1,
    "modernizing": 1,
    "nuisance": 1,
    "military": 3,
    "summit": 2,
    "circle": 1,
    "secretary": 1,
}
SPELLER = Speller(WORDS)


@pytest.mark.parametrize(
    ("question", "corrections"),
    [
        ("What does Rosenft sell?", {"Rosenft": "Rosneft"}),
        ("Is Vladivostock far?", {"Vladivostock": "Vladivostok"}),
        ("Is Vladivastock far?", {"Vladivastock": "Vladivostok"}),
        ("the korean penninsula", {"penninsula": "peninsula"}),
        ("a mosco sumit", {"mosco": "moscow", "sumit": "summit"}),
        ("Is Moskow cold?", {"Moskow": "Moscow"}),
        ("the Koeran pipline", {"Koeran": "Korean", "pipline": "pipeline"}),
        ("the Artic cirlce", {"Artic": "Arctic", "cirlce": "circle"}),
        ("a militry nuisence", {"militry": "military", "nuisence": "nuisance"}),
        ("Did Puttin go?", {"Puttin": "Putin"}),
        ("the secritery", {"secritery": "secretary"}),
    ],
)
def test_a_misspelt_word_is_read_as_the_corpus_has_it(question: str, corrections: dict[str, str]) -> None:
    """A word within a slip or two of the corpus's is read as that, with the capitals it was typed in."""
    assert SPELLER.corrections(question) == corrections


@pytest.mark.parametrize(
    ("question", "corrections"),
    [
        ("What's Bejing's view?", {"Bejing": "Beijing"}),
        ("What’s Bejing’s view?", {"Bejing": "Beijing"}),
        ("the militry's", {"militry": "military"}),
        ("BEJING'S view, and Beijing's", {}),
    ],
)
def test_a_possessive_is_corrected_without_its_ending(question: str, corrections: dict[str, str]) -> None:
    """What is corrected is the word before the ’s, so the ending stays as it was typed."""
    assert SPELLER.corrections(question) == corrections


@pytest.mark.parametrize(
    "question",
    [
        "Who is Navalny?",
        "who is navalny",
        "Is ASEAN big?",
        "Is Asean big, and what is asean?",
        "How far is Kurilsk?",
        "Where is Yuzhno-Sakhalinsk, or sakhalinsk?",
        "Did Abbe Pierre meet Putina?",
        "Is Moscov near?",
    ],
)
def test_a_name_is_not_read_as_another(question: str) -> None:
    """A name that the corpus lacks is left alone though a word of the corpus is near it."""
    assert SPELLER.corrections(question) == {}


@pytest.mark.parametrize(
    "question",
    [
        "its neighbours, neighbouring and neighbourly",
        "modernising, modernised, modernisation",
        "centre metres kilometres defence analysed catalogue paediatric oestrogen sulphur",
        "programmes cheque sceptical manoeuvres aluminium jewellery draughts aeroplane",
    ],
)
def test_british_spelling_is_no_slip(question: str) -> None:
    """British spellings are correct, whichever way the corpus and the dictionary spell."""
    american = "neighbors modernizing center meters analyzed catalog program check skeptical maneuvers aluminum"
    words = dict.fromkeys(american.split(), 3)
    assert Speller(words).corrections(question) == {}


@pytest.mark.parametrize("question", ["wich way", "thier whcih", "shoudl abuot"])
def test_a_slip_of_a_common_word_finds_no_other(question: str) -> None:
    """Words like "with" take no other's place, and what is as near to one of them is left alone."""
    words = {"with": 9, "wish": 9, "thief": 3, "while": 9, "should": 9, "shoulder": 9, "abbot": 3, "about": 9}
    assert Speller(words).corrections(question) == {}


def test_two_slips_are_too_many_where_an_english_word_is_nearer() -> None:
    """A word that is one slip from an English one is not taken for a word of the corpus that is two away."""
    assert Speller({"tomahawk": 1, "feudary": 3}).corrections("will it rain in febuary") == {}


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
        "VLADIVSTOCK?",
        "What is RFET, and who are the BEIJNG-based SAKHALINs?",
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
