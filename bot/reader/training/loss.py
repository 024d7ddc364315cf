"""What training makes small: one softmax over all windows of a question."""

from collections.abc import Callable, Sequence

import torch

from bot.reader.tokens import pad
from bot.reader.training.items import Item

# Three (n, length) int64, as `tokens.Batch` has them -> start and end logits, (n, length) float32 each.
Network = Callable[[torch.Tensor, torch.Tensor, torch.Tensor], tuple[torch.Tensor, torch.Tensor]]


def loss_of(network: Network, items: Sequence[Item]) -> torch.Tensor:
    """(n) items -> (n,) losses: minus the log of the probability of the right starts and of the right ends.

    One softmax runs over all windows of an item: each window's logits count from its own "none", so that what is
    learnt is what `spans` compares, and "none" stands there once, at zero. For a single window that is the usual
    softmax over its tokens and [CLS]. (A shared softmax over paragraphs: Clark & Gardner, "Simple and Effective
    Multi-Paragraph Reading Comprehension" (2018), arXiv:1710.10723, section 3.2.)

    Where only the sentence is known, every token in it is a right start and a right end.
    """
    batch = pad([pair for item in items for pair in item.pairs])
    with torch.autocast("cpu", torch.bfloat16):
        starts, ends = network(*map(torch.from_numpy, (batch.input_ids, batch.attention_mask, batch.token_type_ids)))
    starts, ends = (_over_none(logits, torch.from_numpy(batch.passage_mask)) for logits in (starts, ends))
    losses = []
    row = 0
    for item in items:
        rows = slice(row, row + len(item.pairs))
        row += len(item.pairs)
        right = None if item.right is None else rows.start + item.right
        first, last = item.first, item.last + 1
        start = slice(first, first + 1 if item.is_exact else last)
        end = slice(last - 1 if item.is_exact else first, last)
        losses.append(_nll(starts, rows, right, start) + _nll(ends, rows, right, end))
    return torch.stack(losses)


def _over_none(logits: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Logits, (n, length) -> what they are above that of [CLS]; outside the passage as good as minus infinity."""
    return (logits - logits[:, :1]).masked_fill(~mask, torch.finfo(logits.dtype).min)


def _nll(logits: torch.Tensor, rows: slice, right: int | None, tokens: slice) -> torch.Tensor:
    over = torch.cat((logits.new_zeros(1), logits[rows].flatten())).logsumexp(0)
    return over if right is None else over - logits[right, tokens].logsumexp(0)
