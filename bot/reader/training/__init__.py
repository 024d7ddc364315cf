"""How the reader's weights are made; answering needs none of it. `python -m bot.reader.train` is the command.

`sources` (data files -> questions) -> `windows` -> `swaps` and `neighbours` (negatives), `rephrase` (as people ask)
-> `examples` -> `items` (batches) -> `network` -> `loss` -> `team` (gradients) -> `run`, by its `stages`, beside a
`curve` -> `export`, and back with `exported`.
"""
