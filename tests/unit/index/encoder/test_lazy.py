"""What is known of a model is told without loading it."""

from index.encoder import Encoder, LazyEncoder
from tests.unit.fakes import FakeEncoder


def test_a_model_is_loaded_when_it_is_needed() -> None:
    """What is known of a model is told, and nothing encoded, without loading it; it is loaded once."""
    loaded = []

    def load() -> Encoder:
        loaded.append(1)
        return FakeEncoder()

    fake = FakeEncoder()
    lazy = LazyEncoder(fake.name, fake.fingerprint, fake.dimension, fake.max_tokens, load)
    assert lazy.encode([]).shape == (0, fake.dimension)
    assert list(lazy.encode_batches([])) == []
    assert loaded == []
    assert lazy.encode(["a b"]).tolist() == fake.encode(["a b"]).tolist()
    assert [len(batch) for batch in lazy.encode_batches(["a"] * 4)] == [3, 1]
    assert (lazy.count_tokens("a b"), lazy.count_unknown("a b")) == (fake.count_tokens("a b"), 0)
    assert loaded == [1]
