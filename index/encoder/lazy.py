"""A model that is loaded when it is needed."""

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property

import numpy as np

from index.encoder.contract import Encoder, Vectors


class LazyEncoder:
    """A model that is loaded once it is really needed: what is known of it can be told before."""

    def __init__(
        self, name: str, fingerprint: str, dimension: int, max_tokens: int, load: Callable[[], Encoder]
    ) -> None:
        """Takes what it is, and what loads it."""
        self.name, self.fingerprint, self.dimension, self.max_tokens = name, fingerprint, dimension, max_tokens
        self._load = load

    def count_tokens(self, text: str) -> int:
        """As `Encoder`."""
        return self._loaded.count_tokens(text)

    def count_unknown(self, text: str) -> int:
        """As `Encoder`."""
        return self._loaded.count_unknown(text)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """As `Encoder`."""
        return self._loaded.encode(texts) if texts else np.empty((0, self.dimension), np.float32)

    def encode_batches(self, texts: Sequence[str]) -> Iterator[Vectors]:
        """As `Encoder`."""
        if texts:
            yield from self._loaded.encode_batches(texts)

    @cached_property
    def _loaded(self) -> Encoder:
        return self._load()
