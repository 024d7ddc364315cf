"""What the index asks of an embedding model."""

from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]


class Encoder(Protocol):
    """What the index asks of an embedding model."""

    @property
    def name(self) -> str:
        """The name it was asked for by."""

    @property
    def fingerprint(self) -> str:
        """Hex digest that changes when the model does."""

    @property
    def dimension(self) -> int:
        """The length of its vectors."""

    @property
    def max_tokens(self) -> int:
        """How many tokens it reads of a text, special tokens included."""

    def count_tokens(self, text: str) -> int:
        """Text -> its tokens before any cut, special tokens included."""

    def count_unknown(self, text: str) -> int:
        """Text -> how many of its tokens the model has no entry for."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """(n) texts -> (n, dimension) float32, rows of unit length; (0, dimension) for none."""

    def encode_batches(self, texts: Sequence[str]) -> Iterator[Vectors]:
        """The same, a batch at a time, in order: for a progress bar."""
