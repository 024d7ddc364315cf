"""Examples -> batches of what the network reads while it is trained."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from tokenizers import Tokenizer

from bot.reader.tokens import Encoded, encode_pairs
from bot.reader.training.examples import Example

# Longer windows are one endless sentence; they cost most and teach least.
_MAX_TOKENS = 192
# Pairs that one thread reads at a time, all of about one length. Threads draw them from a queue: unlike threads
# inside each operation they need not wait for each other, which on shared cores is four times as fast.
_MICRO = 8
# Batches sorted by length together: enough to find equals, few enough to keep the order random.
_POOL = 32


@dataclass(frozen=True, slots=True)
class Item:
    """An example as the model reads it.

    Attributes:
        pairs: the question with each window.
        right: the window that answers; None where none does.
        first: token of it at which the answer may start first.
        last: token of it at which the answer may end last.
        is_exact: whether it starts and ends exactly there.
    """

    pairs: tuple[Encoded, ...]
    right: int | None
    first: int
    last: int
    is_exact: bool

    @property
    def length(self) -> int:
        """Tokens of the longest pair."""
        return max(map(len, self.pairs))


def encode_example(tokenizer: Tokenizer, example: Example) -> Item | None:
    """Example -> Item without the windows that are too long, or None where nothing remains to be learnt."""
    pairs = encode_pairs(tokenizer, example.question, [window.text for window in example.windows])
    fitting = [(pair, window) for pair, window in zip(pairs, example.windows, strict=True) if len(pair) <= _MAX_TOKENS]
    kept = tuple(pair for pair, _ in fitting)
    if all(window.answer is None for window in example.windows):
        return Item(kept, None, 0, 0, is_exact=True) if kept else None
    for right, (pair, window) in enumerate(fitting):
        if window.answer is not None:
            inside = np.flatnonzero((pair.starts < window.answer.end) & (pair.ends > window.answer.start))
            if len(inside):
                first, last = pair.n_head + int(inside[0]), pair.n_head + int(inside[-1])
                return Item(kept, right, first, last, example.is_exact)
    return None


def batches_of(items: Sequence[Item], windows: int, seed: int) -> Iterator[list[list[Item]]]:
    """Items -> endless batches of about so many windows; a batch is micro-batches of like length, the seed's order."""
    chance = random.Random(seed)
    n = windows // _MICRO
    while True:
        micros: list[list[Item]] = []
        for begin in range(0, len(items), windows * _POOL):
            micros += _micro_batches(items[begin : begin + windows * _POOL])
            chance.shuffle(micros)
            while len(micros) >= n:
                yield micros[:n]
                micros = micros[n:]


def _micro_batches(items: Sequence[Item]) -> list[list[Item]]:
    """Items -> runs of like length with at most `_MICRO` windows; an item with more is alone."""
    micros: list[list[Item]] = []
    n = 0
    for item in sorted(items, key=lambda item: item.length):
        if not micros or n + len(item.pairs) > _MICRO:
            micros.append([])
            n = 0
        micros[-1].append(item)
        n += len(item.pairs)
    return micros
