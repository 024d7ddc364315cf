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
    ],
)
def test_what_says_the_same_evens_out_to_the_same(one: str, other: str) -> None:
    """Spaces, line ends, quotation marks, dashes, and hyphens within words make no difference."""
    assert even_out(one).text == even_out(other).text


def test_words_that_differ_stay_different() -> None:
    """Case, digits and punctuation are compared."""
    copies = {even_out(text).text for text in ("May 3, 2016", "may 3, 2016", "May 3 2016", "May 32016", "May 3, 2-016")}
    assert len(copies) == 5


@given(
    st.data(), st.lists(st.sampled_from(["mat-\nter ", "\ufb01", "\u00ad", "“a”", "b-c", " \n "]) | awkward_texts(3))
)
def test_the_way_back_finds_the_same_characters(data: st.DataObject, pieces: list[str]) -> None:
    """Any range of a copy leads to a range of the text whose own copy holds it, and back; ends lead to ends."""
    text = "".join(pieces)
    for folded in (repair(text), even_out(text)):
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
