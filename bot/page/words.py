"""The fixed words of the page."""

REFUSAL = "The documents don’t answer this."
# Said of a conversation that the page still shows, or showed before it was reloaded.
FORGOTTEN = "What was asked before is no longer remembered."
# Why the server gave nothing, as the page finds out: what happened, and what to do.
FAILURES = {
    "busy": ("No answer came.", "The page may be busy, or its connection was cut. Ask again."),
    "gone": (
        "Quoth can’t be reached.",
        "Is it still running? Start it again with: quoth chat. Then reload this page.",
    ),
    "restarted": ("Quoth was started again.", "Reload this page."),
    "signed_out": ("You have been signed out.", "Reload to sign in."),
}
# From which probability on an answer is called what. The probability is fitted on the dev questions; how far it can be
# trusted on others, `make accuracy` shows.
_WORDS = ((0.9, "Very likely"), (0.7, "Likely"), (0.4, "Possible"))
_ELSE = "Unlikely"


def in_words(probability: float) -> str:
    """A probability 0..1 -> a word or two."""
    shown = round(probability, 2)  # as the percent beside it is
    return next((words for floor, words in _WORDS if shown >= floor), _ELSE)


def as_sentence(reason: str) -> str:
    """A reason as an error words it -> a sentence: a capital first, one full stop last; "" stays empty."""
    return f"{reason[:1].upper()}{reason[1:].rstrip('.')}." if reason else ""
