"""Numbers of things, as a sentence says them."""


def counted(n: int, noun: str) -> str:
    """How many, and of what -> `1 document`, `1,200 documents`, `0 documents`."""
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"
