"""Items: examples as the network reads them, in batches."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reader.extractive import load_extractive
from bot.reader.tokens import Encoded
from bot.reader.training.examples import Example, Window
from bot.reader.training.items import Item, batches_of, encode_example
from index.records import Span

PARIS = "The capital of France is Paris."


def _item(n_windows: int, length: int) -> Item:
    pair = Encoded(np.zeros(length, np.int64), 1, np.arange(length - 2), np.arange(length - 2) + 1)
    return Item((pair,) * n_windows, None, 0, 0, is_exact=True)


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(3, 40)), min_size=60, max_size=90), st.integers(0, 9))
def test_each_pass_takes_every_item_about_once(shapes: list[tuple[int, int]], seed: int) -> None:
    """Micro-batches hold at most eight windows; before any item comes a third time, nearly all came once."""
    items = [_item(*shape) for shape in shapes]
    batches = batches_of(items, 16, seed)
    taken: list[int] = []
    while len(taken) < 2 * len(items):
        batch = next(batches)
        assert len(batch) == 2
        assert all(sum(len(item.pairs) for item in micro) <= 8 for micro in batch)
        taken += [id(item) for micro in batch for item in micro]
    missing = {id(item) for item in items} - set(taken)
    assert len(missing) <= 8


def test_the_order_is_the_seeds() -> None:
    """The same seed gives the same batches: a run that goes on finds its place."""
    items = [_item(1, 3 + i % 7) for i in range(50)]
    one, other = (
        [[id(item) for micro in batch for item in micro] for batch in itertools.islice(batches_of(items, 16, 3), 9)]
        for _ in range(2)
    )
    assert one == other


@pytest.mark.real
def test_the_answers_tokens_are_found() -> None:
    """First and last are the tokens under the answer, in the window that answers."""
    tokenizer = load_extractive()._tokenizer
    windows = (Window("Berlin lies in Germany."), Window(PARIS, Span(25, 30)))
    item = encode_example(tokenizer, Example("What is the capital?", windows, "answer", "made up"))
    assert item is not None
    assert item.right == 1
    pair = item.pairs[1]
    covered = PARIS[pair.starts[item.first - pair.n_head] : pair.ends[item.last - pair.n_head]]
    assert covered == "Paris"


@pytest.mark.real
def test_a_window_that_is_too_long_is_left_out() -> None:
    """Without it the others remain; without the one that answers nothing does."""
    tokenizer = load_extractive()._tokenizer
    long = "and " * 400
    beside = Example("What?", (Window(long), Window(PARIS, Span(25, 30))), "answer", "made up")
    item = encode_example(tokenizer, beside)
    assert item is not None
    assert len(item.pairs) == 1
    assert item.right == 0
    assert encode_example(tokenizer, Example("What?", (Window(long, Span(0, 3)), Window(PARIS)), "", "")) is None
    assert encode_example(tokenizer, Example("What?", (Window(long),), "", "")) is None
