"""Probabilities -> the percents that a person reads: the same words on the page, in the terminal and in a reason."""


def percent(probability: float) -> str:
    """A probability 0..1 -> whole percent; at the ends "under 1%" and "over 99%", as nothing we say is 0% or 100%."""
    if probability < 0.01:  # noqa: PLR2004 - the words say it
        return "under 1%"
    if probability > 0.99:  # noqa: PLR2004 - the words say it
        return "over 99%"
    return f"{probability * 100:.0f}%"


def below(score: float, needed: float) -> tuple[str, str]:
    """Two probabilities, the first lower -> their percents, told so that a person sees which is lower.

    Where the two round alike they get a digit more, and "just under" where that does not part them either.
    """
    if percent(score) != percent(needed):
        return percent(score), percent(needed)
    one_more = f"{score * 100:.1f}%", f"{needed * 100:.1f}%"
    if one_more[0] != one_more[1] and "0.0%" not in one_more:
        return one_more
    return f"just under {percent(needed)}", percent(needed)


def shortfall(score: float, needed: float) -> str:
    """The best probability, and the threshold it misses -> the reason of a refusal, in one line."""
    scored, threshold = below(score, needed)
    return f"The closest passage scored {scored}; an answer needs {threshold}."
