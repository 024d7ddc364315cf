"""Examples -> a trained reader: `python -m bot.reader.train --data DIR --out DIR`.

In two stages: first windows one by one, then the windows of a question side by side. `--out` then holds `curve.jsonl`,
each stage's sources, `checkpoint.pt` (from which the same command goes on), what each stage ended with under `stages/`,
and the exported model. The seed fixes the examples, their order and the start; sums of several threads still differ in
their last bits from run to run.
"""

import argparse
from dataclasses import replace
from pathlib import Path

from bot.reader.training.network import base_folder
from bot.reader.training.run import Run
from bot.reader.training.stages import STAGES, Settings
from index.errors import ReaderError


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
