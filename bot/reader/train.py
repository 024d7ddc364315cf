"""Examples -> a trained reader: `python -m bot.reader.train --data DIR --out DIR`.

`--out` then holds `curve.jsonl`, `sources.json`, `checkpoint.pt` (from which the same command goes on), the
weights of the last steps under `steps/`, and the exported model. The seed fixes the examples, their order and the
start; sums of several threads still differ in their last bits from run to run.
"""

import argparse
import json
import random
import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt
import torch
from tokenizers import Tokenizer

from bot.reader.examples import Example, read_examples
from bot.reader.export import export
from bot.reader.network import ReaderNetwork, base_folder
from bot.reader.tokens import Encoded, encode_pairs, load_tokenizer, pad

# Longer windows are one endless sentence; they cost most and teach least.
_MAX_TOKENS = 192
# Pairs that one thread reads at a time, all of about one length. Threads draw them from a queue: unlike threads
# inside each operation they need not wait for each other, which on shared cores is four times as fast.
_MICRO = 8
# Batches sorted by length together: enough to find equals, few enough to keep the order random.
_POOL = 32
_LOG_STEPS = 25


@dataclass(frozen=True, slots=True)
class Settings:
    """How to train.

    The learning rate rises over the share `warm_up` of the run, holds until the share `hold`, then falls to zero.
    Where minutes are given, the run is over when they are, or after `steps` if that is sooner.
    """

    steps: int = 3000
    minutes: float | None = None
    batch: int = 32
    rate: float = 1.5e-4
    warm_up: float = 0.06
    hold: float = 0.4
    weight_decay: float = 0.01
    clip: float = 1.0
    seed: int = 7
    threads: int = 2
    checkpoint_s: float = 240.0
    # Weights are kept where these shares of the run are done, for averaging.
    keep: tuple[float, ...] = (0.875, 0.9, 0.925, 0.95, 0.975)

    def rate_at(self, done: float) -> float:
        """Share of the run that is done -> learning rate."""
        return self.rate * max(0.0, min((done + 0.001) / self.warm_up, 1.0, (1.0 - done) / (1.0 - self.hold)))


class Progress:
    """Which share of the run is done, by steps or by the clock, whichever is further."""

    def __init__(self, settings: Settings, step: int, done: float) -> None:
        """A run that begins, or goes on, at this step with this share done."""
        self._settings, self._first, self._done = settings, step, done
        self._started = time.monotonic()

    def at(self, step: int) -> float:
        """Steps done -> share done, 1 at the end."""
        share = (step - self._first) / max(1, self._settings.steps - self._first)
        if self._settings.minutes is not None:
            share = max(share, (time.monotonic() - self._started) / (60 * self._settings.minutes))
        return min(1.0, self._done + (1.0 - self._done) * share)


@dataclass(frozen=True, slots=True)
class Item:
    """An example as the model reads it.

    Attributes:
        pair: question and window.
        first: token at which the answer may start first, 0 where there is none.
        last: token at which it may end last.
        is_exact: whether it starts and ends exactly there.
    """

    pair: Encoded
    first: int
    last: int
    is_exact: bool


def encode_example(tokenizer: Tokenizer, example: Example) -> Item | None:
    """Example -> Item, or None where it is too long or its answer has no token."""
    (pair,) = encode_pairs(tokenizer, example.question, [example.window])
    if len(pair) > _MAX_TOKENS:
        return None
    if example.answer is None:
        return Item(pair, 0, 0, is_exact=True)
    inside = np.flatnonzero((pair.starts < example.answer.end) & (pair.ends > example.answer.start))
    if not len(inside):
        return None
    return Item(pair, pair.n_head + int(inside[0]), pair.n_head + int(inside[-1]), example.is_exact)


def batches_of(items: Sequence[Item], settings: Settings) -> Iterator[list[list[Item]]]:
    """Items -> endless batches, each a list of micro-batches of like length; the order is the seed's."""
    chance = random.Random(settings.seed)
    size = settings.batch * _POOL
    while True:
        for begin in range(0, len(items), size):
            pool = sorted(items[begin : begin + size], key=lambda item: len(item.pair))
            micros = [pool[i : i + _MICRO] for i in range(0, len(pool), _MICRO)]
            chance.shuffle(micros)
            n = settings.batch // _MICRO
            yield from (micros[i : i + n] for i in range(0, len(micros), n))


def loss_of(network: ReaderNetwork, items: Sequence[Item]) -> torch.Tensor:
    """(n) items -> (n,) losses: minus the log of the probability of the right starts and of the right ends.

    Where only the sentence is known, every token in it is a right start and a right end.
    """
    batch = pad([item.pair for item in items])
    right = np.zeros((2, *batch.input_ids.shape), np.bool_)
    for row, item in enumerate(items):
        right[0, row, item.first : (item.first if item.is_exact else item.last) + 1] = True
        right[1, row, (item.last if item.is_exact else item.first) : item.last + 1] = True
    allowed = torch.from_numpy(batch.passage_mask)
    allowed[:, 0] = True
    with torch.autocast("cpu", torch.bfloat16):
        starts, ends = network(*map(torch.from_numpy, (batch.input_ids, batch.attention_mask, batch.token_type_ids)))
    return _nll(starts, allowed, right[0]) + _nll(ends, allowed, right[1])


def _nll(logits: torch.Tensor, allowed: torch.Tensor, right: npt.NDArray[np.bool_]) -> torch.Tensor:
    nothing = torch.finfo(logits.dtype).min
    over = logits.masked_fill(~allowed, nothing).logsumexp(1)
    return over - logits.masked_fill(~torch.from_numpy(right), nothing).logsumexp(1)


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
        queue = deque(sorted(micros, key=lambda micro: -len(micro[-1].pair)))
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
                    (seen.answers if item.first else seen.none).append(loss)

        list(self._threads.map(work, self._replicas))
        for replica in self._replicas[1:]:
            for total, part in zip(self._replicas[0].parameters(), replica.parameters(), strict=True):
                if part.grad is not None:
                    total.grad = part.grad if total.grad is None else total.grad.add_(part.grad)
                    part.grad = None
        return seen


class Curve:
    """The training curve: mean losses since the last line, one JSON line at a time, on file and on screen."""

    def __init__(self, path: Path, settings: Settings) -> None:
        """Goes on at the end of `path`."""
        self._file = path.open("a", encoding="utf-8")
        self._batch = settings.batch
        self._started = self._written = time.monotonic()
        self._seen = Losses([], [])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, losses: Losses) -> None:
        """Takes a batch's losses into account."""
        self._seen.answers.extend(losses.answers)
        self._seen.none.extend(losses.none)

    def write(self, step: int, done: float, rate: float) -> None:
        """Writes a line and begins anew."""
        now, seen = time.monotonic(), self._seen
        n = len(seen.answers) + len(seen.none)
        row = {
            "step": step,
            "examples": step * self._batch,
            "done": round(done, 4),
            "rate": round(rate, 8),
            "loss_answer": round(sum(seen.answers) / max(1, len(seen.answers)), 4),
            "loss_none": round(sum(seen.none) / max(1, len(seen.none)), 4),
            "examples_per_s": round(n / (now - self._written), 1),
            "seconds": round(now - self._started),
        }
        print(json.dumps(row), file=self._file, flush=True)
        print(json.dumps(row), flush=True)
        self._seen, self._written = Losses([], []), now


def train(data: Path, out: Path, base: Path, settings: Settings) -> None:
    """Data folder -> a trained and exported reader in `out`; goes on from the checkpoint there, if any."""
    torch.manual_seed(settings.seed)
    torch.set_num_threads(1)
    (out / "steps").mkdir(parents=True, exist_ok=True)
    examples = read_examples(data, settings.seed)
    tokenizer = load_tokenizer((base / "tokenizer.json").read_text(encoding="utf-8"))
    found = [(example, encode_example(tokenizer, example)) for example in examples]
    items = [item for _, item in found if item is not None]
    _write_sources(out / "sources.json", [example for example, item in found if item is not None])
    print(f"{len(items):,} examples of {len(examples):,}", flush=True)

    network = ReaderNetwork(base)
    optimiser = torch.optim.AdamW(
        network.parameters(), lr=settings.rate, weight_decay=settings.weight_decay, fused=True
    )
    checkpoint = out / "checkpoint.pt"
    step, done = 0, 0.0
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        network.load_state_dict(state["network"])
        optimiser.load_state_dict(state["optimiser"])
        step, done = state["step"], state["done"]
        print(f"goes on at step {step}", flush=True)
    team = Team(network, base, settings.threads)
    batches = batches_of(items, settings)
    for _ in range(step):
        next(batches)
    keep = [share for share in settings.keep if share > done]
    progress = Progress(settings, step, done)
    saved = time.monotonic()
    with Curve(out / "curve.jsonl", settings) as curve:
        while done < 1.0:
            rate = settings.rate_at(done)
            for group in optimiser.param_groups:
                group["lr"] = rate
            curve.add(team.gradients(next(batches)))
            torch.nn.utils.clip_grad_norm_(network.parameters(), settings.clip)
            optimiser.step()
            optimiser.zero_grad()
            step += 1
            done = progress.at(step)
            if step % _LOG_STEPS == 0 or done == 1.0:
                curve.write(step, done, rate)
            if done == 1.0 or (keep and done >= keep[0]):
                keep = keep[1:]
                _save({"network": network.state_dict()}, out / "steps" / f"{step:06d}.pt")
            if time.monotonic() - saved > settings.checkpoint_s or done == 1.0:
                state = {"network": network.state_dict(), "optimiser": optimiser.state_dict()}
                _save({**state, "step": step, "done": done}, checkpoint)
                saved = time.monotonic()
    print(export(network, base / "tokenizer.json", out / "export"), flush=True)


def _save(state: dict[str, object], path: Path) -> None:
    """Writes beside the file and moves: a run that is ended while it writes loses nothing."""
    new = path.with_suffix(".new")
    torch.save(state, new)
    new.replace(path)


def _write_sources(path: Path, examples: Sequence[Example]) -> None:
    counts = Counter((example.source, example.kind) for example in examples)
    rows = [{"source": source, "kind": kind, "n": n} for (source, kind), n in sorted(counts.items())]
    path.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    """The command line."""
    default = Settings()
    parser = argparse.ArgumentParser(prog="python -m bot.reader.train", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of train.jsonl.gz and its neighbours")
    parser.add_argument("--out", type=Path, required=True, help="folder for checkpoints, curve and model")
    parser.add_argument("--base", type=Path, help="folder of the base model; the installed package's by default")
    parser.add_argument("--steps", type=int, default=default.steps)
    parser.add_argument("--minutes", type=float, help="end after so many, the learning rate falling to zero by then")
    parser.add_argument("--batch", type=int, default=default.batch)
    parser.add_argument("--rate", type=float, default=default.rate)
    parser.add_argument("--seed", type=int, default=default.seed)
    parser.add_argument("--threads", type=int, default=default.threads)
    args = parser.parse_args()
    settings = Settings(
        steps=args.steps,
        minutes=args.minutes,
        batch=args.batch,
        rate=args.rate,
        seed=args.seed,
        threads=args.threads,
    )
    train(args.data, args.out, args.base or base_folder(), settings)


if __name__ == "__main__":
    main()
