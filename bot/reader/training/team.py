"""Gradients of a batch, by several threads at a time."""

from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import torch

from bot.reader.training.items import Item
from bot.reader.training.loss import loss_of
from bot.reader.training.network import ReaderNetwork


@dataclass(frozen=True, slots=True)
class Losses:
    """Losses of a batch's examples, apart: those whose window answers, and those where none does."""

    answers: list[float]
    none: list[float]


class Team:
    """Replicas of a network that share its weights; each thread fills the gradients of one."""

    def __init__(self, network: ReaderNetwork, base: Path, n: int) -> None:
        """The network and n - 1 replicas; n threads."""
        self._replicas = [network]
        for _ in range(n - 1):
            replica = ReaderNetwork(base)
            for mine, shared in zip(replica.parameters(), network.parameters(), strict=True):
                mine.data = shared.data
            self._replicas.append(replica)
        self._threads = ThreadPoolExecutor(n, initializer=lambda: torch.set_num_threads(1))

    def gradients(self, micros: Sequence[Sequence[Item]]) -> Losses:
        """Micro-batches -> gradients of their mean loss on the network, and the losses."""
        n = sum(map(len, micros))
        # Long ones first, so that the threads end together.
        queue = deque(sorted(micros, key=lambda micro: -micro[-1].length))
        seen = Losses([], [])

        def work(replica: ReaderNetwork) -> None:
            while True:
                try:
                    micro = queue.popleft()
                except IndexError:
                    return
                losses = loss_of(replica, micro)
                (losses.sum() / n).backward()  # type: ignore[no-untyped-call]
                for item, loss in zip(micro, losses.tolist(), strict=True):
                    (seen.none if item.right is None else seen.answers).append(loss)

        list(self._threads.map(work, self._replicas))
        for replica in self._replicas[1:]:
            for total, part in zip(self._replicas[0].parameters(), replica.parameters(), strict=True):
                if part.grad is not None:
                    total.grad = part.grad if total.grad is None else total.grad.add_(part.grad)
                    part.grad = None
        return seen
