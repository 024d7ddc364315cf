"""Examples -> a trained reader: `python -m bot.reader.train --data DIR --out DIR`.

In two stages: first windows one by one, then the windows of a question side by side. `--out` then holds `curve.jsonl`,
each stage's sources, `checkpoint.pt` (from which the same command goes on), what each stage ended with under `stages/`,
and the exported model. The seed fixes the examples, their order and the start; sums of several threads still differ in
their last bits from run to run.
"""

import argparse
import hashlib
import itertools
import json
import time
from collections import Counter, deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import torch
from tokenizers import Tokenizer

from bot.reader.examples import APART, TOGETHER, Example, Recipe, read_examples
from bot.reader.export import export, mean_weights
from bot.reader.exported import weights_of
from bot.reader.items import Item, batches_of, encode_example
from bot.reader.loss import loss_of
from bot.reader.network import ReaderNetwork, base_folder
from bot.reader.tokens import load_tokenizer
from index.errors import ReaderError

_LOG_STEPS = 25


@dataclass(frozen=True, slots=True)
class Stage:
    """A part of the run with examples and a learning rate of its own.

    The rate rises over the share `warm_up` of the stage, holds until the share `hold`, then falls to zero.

    Attributes:
        name: of its files.
        recipe: how its examples are made.
        steps: how many batches it takes.
        batch: windows in a batch.
        rate: the learning rate at its highest.
        warm_up: share of the steps.
        hold: share of the steps.
    """

    name: str
    recipe: Recipe
    steps: int
    batch: int
    rate: float
    warm_up: float
    hold: float

    def rate_at(self, step: int) -> float:
        """Steps done -> learning rate of the next."""
        done = step / self.steps
        return self.rate * max(0.0, min((done + 0.001) / self.warm_up, 1.0, (1.0 - done) / (1.0 - self.hold)))


STAGES = (
    Stage("apart", APART, steps=2_684, batch=32, rate=1.5e-4, warm_up=0.06, hold=0.4),
    Stage("together", TOGETHER, steps=3_300, batch=48, rate=6e-5, warm_up=0.03, hold=0.1),
)


@dataclass(frozen=True, slots=True)
class Settings:
    """How to train, beside what each stage says."""

    stages: tuple[Stage, ...] = STAGES
    weight_decay: float = 0.01
    clip: float = 1.0
    seed: int = 7
    threads: int = 2
    checkpoint_s: float = 240.0


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


class Curve:
    """The training curve: mean losses since the last line, one JSON line at a time, on file and on screen."""

    def __init__(self, path: Path) -> None:
        """Goes on at the end of `path`."""
        self._file = path.open("a", encoding="utf-8")
        self._started = self._written = time.monotonic()
        self._seen, self._windows = Losses([], []), 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, losses: Losses, windows: int) -> None:
        """Takes a batch's losses into account."""
        self._seen.answers.extend(losses.answers)
        self._seen.none.extend(losses.none)
        self._windows += windows

    def write(self, stage: Stage, step: int) -> None:
        """Writes a line and begins anew."""
        now, seen = time.monotonic(), self._seen
        row = {
            "stage": stage.name,
            "step": step,
            "rate": round(stage.rate_at(step), 8),
            "loss_answer": round(sum(seen.answers) / max(1, len(seen.answers)), 4),
            "loss_none": round(sum(seen.none) / max(1, len(seen.none)), 4),
            "examples": len(seen.answers) + len(seen.none),
            "windows_per_s": round(self._windows / (now - self._written), 1),
            "seconds": round(now - self._started),
        }
        print(json.dumps(row), file=self._file, flush=True)
        print(json.dumps(row), flush=True)
        self._seen, self._windows, self._written = Losses([], []), 0, now


class Run:
    """A run in its folder: what was reached, and how to go on from there."""

    def __init__(self, data: Path, out: Path, base: Path, settings: Settings, begin: Path | None = None) -> None:
        """A new run, or that of the checkpoint in `out`; with `begin`, an exported network instead of stage one."""
        self._data, self._out, self._base, self._settings = data, out, base, settings
        (out / "stages").mkdir(parents=True, exist_ok=True)
        torch.manual_seed(settings.seed)
        torch.set_num_threads(1)
        self._network = ReaderNetwork(base)
        self._tokenizer = load_tokenizer((base / "tokenizer.json").read_text(encoding="utf-8"))
        self._team = Team(self._network, base, settings.threads)
        self._checkpoint = out / "checkpoint.pt"
        self._reached = torch.load(self._checkpoint, weights_only=True) if self._checkpoint.exists() else None
        self._begun = 0
        if self._reached is not None:
            self._network.load_state_dict(self._reached["network"])
            self._begun = int(self._reached["stage"])
        if begin is not None:
            self._begin_from(begin)

    def train(self) -> None:
        """Trains what remains of every stage, then exports the mean of what the stages ended with.

        The mean measured better than either end: Wortsman et al., "Model soups" (2022), arXiv:2203.05482.
        """
        with Curve(self._out / "curve.jsonl") as curve:
            for number in range(self._begun, len(self._settings.stages)):
                self._train_stage(number, curve)
        self._network.load_state_dict(mean_weights([self._end_of(stage) for stage in self._settings.stages]))
        print(export(self._network, self._base / "tokenizer.json", self._out / "export"), flush=True)

    def _begin_from(self, file: Path) -> None:
        """An exported network -> what the first stage ended with, unless the run has gone on from it before.

        Raises:
            ReaderError: it is no such network, or the folder's run did not begin from it.
        """
        weights = weights_of(file, self._network.state_dict())
        digest, end = hashlib.sha256(file.read_bytes()).hexdigest(), self._end_of(self._settings.stages[0])
        if not end.exists() and self._reached is None:
            self._network.load_state_dict(weights)
            _save({"network": weights, "begun_from": digest}, end)
        elif not end.exists() or torch.load(end, weights_only=True).get("begun_from") != digest:
            raise ReaderError(f"{self._out} holds a run that did not begin from {file}; give another --out")
        self._begun = 1

    def _end_of(self, stage: Stage) -> Path:
        return self._out / "stages" / f"{stage.name}.pt"

    def _train_stage(self, number: int, curve: Curve) -> None:
        settings, stage = self._settings, self._settings.stages[number]
        # Each stage begins with an optimiser that has seen nothing: its rate rises from zero again.
        optimiser = torch.optim.AdamW(
            self._network.parameters(), lr=stage.rate, weight_decay=settings.weight_decay, fused=True
        )
        step = 0
        if self._reached is not None and self._reached["stage"] == number:
            optimiser.load_state_dict(self._reached["optimiser"])
            step = int(self._reached["step"])
            print(f"goes on in stage {stage.name} at step {step}", flush=True)
        if step < stage.steps:
            self._take_steps(number, optimiser, step, curve)
        _save({"network": self._network.state_dict()}, self._end_of(stage))

    def _take_steps(self, number: int, optimiser: torch.optim.Optimizer, step: int, curve: Curve) -> None:
        settings, stage = self._settings, self._settings.stages[number]
        items = read_items(self._data, self._out, self._tokenizer, stage, settings.seed + number)
        batches = itertools.islice(batches_of(items, stage.batch, settings.seed), step, None)
        saved = time.monotonic()
        while step < stage.steps:
            for group in optimiser.param_groups:
                group["lr"] = stage.rate_at(step)
            batch = next(batches)
            curve.add(self._team.gradients(batch), sum(len(item.pairs) for micro in batch for item in micro))
            torch.nn.utils.clip_grad_norm_(self._network.parameters(), settings.clip)
            optimiser.step()
            optimiser.zero_grad()
            step += 1
            if step % _LOG_STEPS == 0 or step == stage.steps:
                curve.write(stage, step)
            if time.monotonic() - saved > settings.checkpoint_s or step == stage.steps:
                state = {"network": self._network.state_dict(), "optimiser": optimiser.state_dict()}
                _save({**state, "stage": number, "step": step}, self._checkpoint)
                saved = time.monotonic()


def read_items(data: Path, out: Path, tokenizer: Tokenizer, stage: Stage, seed: int) -> list[Item]:
    """A stage's examples as the model reads them; what they were made from goes into `out`."""
    examples = read_examples(data, seed, stage.recipe)
    found = [(example, encode_example(tokenizer, example)) for example in examples]
    used = [(example, item) for example, item in found if item is not None]
    _write_sources(out / f"sources-{stage.name}.json", used)
    windows = sum(len(item.pairs) for _, item in used)
    print(f"stage {stage.name}: {len(used):,} examples of {len(examples):,}, {windows:,} windows", flush=True)
    return [item for _, item in used]


def _save(state: dict[str, object], path: Path) -> None:
    """Writes beside the file and moves: a run that is ended while it writes loses nothing."""
    new = path.with_suffix(".new")
    torch.save(state, new)
    new.replace(path)


def _write_sources(path: Path, used: Sequence[tuple[Example, Item]]) -> None:
    examples = Counter((example.source, example.kind) for example, _ in used)
    windows = Counter((example.source, example.kind) for example, item in used for _ in item.pairs)
    rows = [
        {"source": source, "kind": kind, "examples": n, "windows": windows[source, kind]}
        for (source, kind), n in sorted(examples.items())
    ]
    path.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    """The command line."""
    default = Settings()
    parser = argparse.ArgumentParser(prog="python -m bot.reader.train", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of train.jsonl.gz and its neighbours")
    parser.add_argument("--out", type=Path, required=True, help="folder for checkpoints, curve and model")
    parser.add_argument("--begin", type=Path, help="exported network that stands for what the first stage ends with")
    parser.add_argument("--base", type=Path, help="folder of the base model; the installed package's by default")
    parser.add_argument(
        "--steps", type=int, nargs=len(STAGES), default=[stage.steps for stage in STAGES], help="of each stage"
    )
    parser.add_argument("--seed", type=int, default=default.seed)
    parser.add_argument("--threads", type=int, default=default.threads)
    args = parser.parse_args()
    stages = tuple(replace(stage, steps=steps) for stage, steps in zip(STAGES, args.steps, strict=True))
    settings = Settings(stages=stages, seed=args.seed, threads=args.threads)
    try:
        run = Run(args.data, args.out, args.base or base_folder(), settings, args.begin)
    except ReaderError as error:
        parser.error(str(error))
    run.train()


if __name__ == "__main__":
    main()
