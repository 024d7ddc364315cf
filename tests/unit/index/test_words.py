"""The words of the documents, counted."""

from hypothesis import given
from hypothesis import strategies as st

from index.terms import stem
from index.words import Words

counts = st.dictionaries(st.text("abcdeé", min_size=1, max_size=4), st.integers(1, 9))


@given(counts)
def test_words_are_the_mapping_that_they_were_made_of(words: dict[str, int]) -> None:
    """Looked up one by one or read as a whole, they are what was given; their stems are those of all of them."""
    made = Words.of(words)
    assert dict(made) == dict(made.items()) == words
    assert made == words
    assert list(made) == sorted(words)
    assert list(made.stems) == sorted(set(stem(list(words))))
    assert made.get("zebra") is None
    assert Words.of(made) is made
