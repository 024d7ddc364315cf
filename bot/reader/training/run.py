"""A run in its folder: stage after stage, with a checkpoint every few minutes, then the export."""

import hashlib
import itertools
import json
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import torch
from tokenizers import Tokenizer

from bot.reader.tokens import load_tokenizer
from bot.reader.training.curve import Curve
from bot.reader.training.examples import Example, read_examples
from bot.reader.training.export import export, mean_weights
from bot.reader.training.exported import weights_of
from bot.reader.training.items import Item, batches_of, encode_example
from bot.reader.training.network import ReaderNetwork
from bot.reader.training.stages import Settings, Stage
from bot.reader.training.team import Team
from index.errors import ReaderError

_LOG_STEPS = 25


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
