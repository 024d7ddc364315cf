"""The fixed words of the page for what a number means."""

REFUSAL = "The documents don’t answer this."
# From which probability on an answer is called what. The probability is fitted on the dev questions; how far it can be
# trusted on others, `make accuracy` shows.
_WORDS = ((0.9, "Very likely"), (0.7, "Likely"), (0.4, "Possible"))
_ELSE = "Unlikely"


def in_words(probability: float) -> str:
    """A probability 0..1 -> a word or two."""
    return next((words for floor, words in _WORDS if probability >= floor), _ELSE)


def percent(probability: float) -> str:
    """A probability 0..1 -> whole percent; never 0% or 100%, which nothing we say is."""
    return f"{min(99, max(1, round(probability * 100)))}%"
