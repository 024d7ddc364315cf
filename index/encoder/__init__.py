"""Texts -> unit vectors.

`contract` says what the index asks of a model, `source` where a named one lies and what it is. `sentence_transformer`
loads it with PyTorch; `export` makes files of it, which `exported` serves without; `load` keeps those in a cache.
"""

from index.encoder.contract import Encoder, Vectors
from index.encoder.lazy import LazyEncoder
from index.encoder.load import load_encoder
from index.encoder.source import fingerprint_of

__all__ = ["Encoder", "LazyEncoder", "Vectors", "fingerprint_of", "load_encoder"]
