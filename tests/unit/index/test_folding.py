"""The folded copies: what is mended in them, and the way back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.folding import Folded, even_out, repair
from tests.unit.fakes import awkward_texts


@pytest.mark.parametrize(
    ("text", "copy"),
    [
        ("The mat-\nters of the of\ufb01ce.", "The matters of the office."),
        ("a \ufb03 and \ufb06", "a ffi and st"),
        ("so\u00adft, zero\u200bwidth", "soft, zerowidth"),
        ("so\u00ad\nft", "soft"),
        ("a mat-\r\n   ter", "a matter"),
        ("Open-\nDomain, 1990-\n95", "Open-Domain, 1990-95"),
        ("non-\ntransferable", "non-transferable"),
        ("a long-\nterm plan; it is long-term", "a long-term plan; it is long-term"),
        ("full-\ntime work, full or time", "full-time work, full or time"),
        ("re-\nsign; they resign", "resign; they resign"),
        ("a dash -\nand more", "a dash -\nand more"),
        ("well; \u037e", "well; ;"),
        ("“Curly”  and\nlines", "“Curly”  and\nlines"),
    ],
)
def test_words_are_repaired(text: str, copy: str) -> None:
    """Ligatures, invisible characters and hyphens at line ends are mended; compounds and everything else stay."""
    assert repair(text).text == copy


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("the  exclusive,\nnon- transferable right", "the exclusive, non-trans-\nferable right"),
        ("“It’s”", '"It\'s"'),
        ("2010–2012", "2010-2012"),
        ("of\ufb01ce\u00a0hours", "office hours"),
        ("to re-\ncover it", "to recover it"),
        ("to re-\ncover it", "to re-cover it"),
        ("to re-\r\n  cover it", "to re- cover it"),
        ("co\u2011operate", "co-operate"),
    ],
)
def test_what_says_the_same_is_found(one: str, other: str) -> None:
    """Spaces, line ends, quotation marks, dashes, and hyphens at line ends make no difference, in either direction."""
    assert even_out(f"Before, {one} and after").find(even_out(f" {other}\n")) == (8, 8 + len(one))
    assert even_out(other).find(even_out(one)) == (0, len(other))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("to re-cover the chair", "recover"),
        ("to recover the chair", "re-cover"),
        ("a co-op", "a coop"),
        ("May 3, 2016", "may 3, 2016"),
        ("May 3, 2016", "May 3 2016"),
        ("May 3, 2016", "May 32016"),
        ("May 3, 2016", "May 3, 2-016"),
        ("words", " \n"),
    ],
)
def test_words_that_differ_are_not_found(text: str, words: str) -> None:
    """Case, digits, punctuation, and hyphens that no line's end put there are compared."""
    assert even_out(text).find(even_out(words)) is None


def test_words_are_found_where_they_are_spelt_so() -> None:
    """A place with another hyphen is passed over, however often it comes before."""
    text = "recover and recover, and re-cover"
    assert even_out(text).find(even_out("re-cover")) == (25, 33)
    assert even_out("re-cover, recover").find(even_out("recover")) == (10, 17)


@given(
    st.lists(st.sampled_from(["a", "ba", "a-b", "a-\nb", "b- a", "-", "\u00ada"])), st.integers(0, 9), st.integers(0, 9)
)
def test_any_words_of_a_text_are_found_in_it(words: list[str], start: int, length: int) -> None:
    """Words taken from a text stand in it."""
    text, taken = " ".join(words), " ".join(words[start : start + length])
    if taken:
        assert even_out(text).find(even_out(taken)) is not None


@given(
    st.data(), st.lists(st.sampled_from(["mat-\nter ", "\ufb01", "\u00ad", "“a”", "b-c", " \n "]) | awkward_texts(3))
)
def test_the_way_back_finds_the_same_characters(data: st.DataObject, pieces: list[str]) -> None:
    """Any range of a copy leads to a range of the text whose own copy holds it, and back; ends lead to ends."""
    text = "".join(pieces)
    for folded in (repair(text), even_out(text).copy):
        end = len(folded.text)
        assert folded.original(0, end)[1] <= len(text)
        start = data.draw(st.integers(0, end))
        stop = data.draw(st.integers(start, end))
        there = folded.original(start, stop)
        assert 0 <= there[0] <= there[1] <= len(text)
        back = folded.folded(*there)
        if start < stop:
            assert back[0] <= start
            assert stop <= back[1]


@given(st.text(st.characters(codec="ascii", exclude_characters="-"), max_size=200))
def test_a_text_without_anything_to_mend_is_its_own_copy(text: str) -> None:
    """Plain text is left as it is, and every offset leads to itself."""
    assert repair(text) == Folded(text, (0, len(text)), (0, len(text)))
    assert repair(text).original(3, 7) == (min(3, len(text)), min(7, len(text)))
