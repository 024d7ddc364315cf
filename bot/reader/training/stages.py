"""What a training run consists of: its stages, and how fast each learns."""

from dataclasses import dataclass

from bot.reader.training.examples import APART, TOGETHER, Recipe


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
