"""The loss: one softmax over all windows of a question."""

import math

import numpy as np
import pytest
import torch

from bot.reader.tokens import Encoded
from bot.reader.training.items import Item
from bot.reader.training.loss import loss_of

N_HEAD, N_PASSAGE = 3, 4


def _pair(first_id: int) -> Encoded:
    """A pair of 3 + 4 + 1 tokens; the ids tell the windows apart."""
    ids = np.arange(first_id, first_id + N_HEAD + N_PASSAGE + 1, dtype=np.int64)
    return Encoded(ids, N_HEAD, np.arange(N_PASSAGE), np.arange(N_PASSAGE) + 1)


def _network(
    input_ids: torch.Tensor, attention_mask: torch.Tensor, token_type_ids: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Logits that depend on the token alone."""
    del attention_mask, token_type_ids
    return torch.sin(input_ids.float()), torch.cos(input_ids.float())


def _expected(pairs: list[Encoded], right: list[tuple[int, int]] | None) -> float:
    """Minus the log of the shares, summed naively: `right` are (window, token), of starts and ends alike."""
    total = 0.0
    for function in (math.sin, math.cos):
        odds = {
            (window, token): math.exp(function(pair.ids[token]) - function(pair.ids[0]))
            for window, pair in enumerate(pairs)
            for token in range(N_HEAD, N_HEAD + N_PASSAGE)
        }
        wanted = 1.0 if right is None else sum(odds[place] for place in right)
        total -= math.log(wanted / (1.0 + sum(odds.values())))
    return total


@pytest.mark.real
@pytest.mark.parametrize("n", [1, 3])
def test_an_answer_competes_with_every_token_of_every_window_and_with_none(n: int) -> None:
    """Each window counts from its own [CLS]; "none" stands in the sum once."""
    pairs = [_pair(10 * i) for i in range(n)]
    item = Item(tuple(pairs), n - 1, N_HEAD + 1, N_HEAD + 1, is_exact=True)
    loss = loss_of(_network, [item])
    assert loss.tolist() == pytest.approx([_expected(pairs, [(n - 1, N_HEAD + 1)])], abs=1e-5)


@pytest.mark.real
def test_none_is_right_where_no_window_answers() -> None:
    """And items of a batch do not touch each other."""
    pairs = [_pair(0), _pair(10), _pair(20)]
    items = [Item(tuple(pairs[:2]), None, 0, 0, is_exact=True), Item((pairs[2],), 0, N_HEAD, N_HEAD, is_exact=True)]
    expected = [_expected(pairs[:2], None), _expected(pairs[2:], [(0, N_HEAD)])]
    assert loss_of(_network, items).tolist() == pytest.approx(expected, abs=1e-5)


@pytest.mark.real
def test_where_only_the_sentence_is_known_any_token_in_it_is_right() -> None:
    """The shares of its tokens add up."""
    item = Item((_pair(0),), 0, N_HEAD + 1, N_HEAD + 3, is_exact=False)
    places = [(0, token) for token in range(N_HEAD + 1, N_HEAD + 4)]
    assert loss_of(_network, [item]).tolist() == pytest.approx([_expected([_pair(0)], places)], abs=1e-5)


@pytest.mark.real
def test_start_and_end_of_an_exact_answer_are_its_first_and_last_token() -> None:
    """Not any other inside."""
    pair = _pair(0)
    loss = loss_of(_network, [Item((pair,), 0, N_HEAD, N_HEAD + 2, is_exact=True)])
    tokens = range(N_HEAD, N_HEAD + N_PASSAGE)
    start = {t: math.exp(math.sin(t) - math.sin(0)) for t in tokens}
    end = {t: math.exp(math.cos(t) - math.cos(0)) for t in tokens}
    shares = start[N_HEAD] / (1 + sum(start.values())), end[N_HEAD + 2] / (1 + sum(end.values()))
    assert loss.tolist() == pytest.approx([-math.log(shares[0]) - math.log(shares[1])], abs=1e-5)
