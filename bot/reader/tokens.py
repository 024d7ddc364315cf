"""(question, passage) pairs -> model input, with the way back from tokens to characters."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

# Word pieces a question may have; one in 53,000 training questions is longer. The rest is cut.
QUESTION_TOKENS = 64

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Encoded:
    """One pair as the model reads it: [CLS] question [SEP] passage [SEP].

    Attributes:
        ids: (n_tokens,) int64.
        n_head: how many tokens precede the passage.
        starts: (n_passage_tokens,) int64, first character of each passage token.
        ends: (n_passage_tokens,) int64, one past its last character.
    """

    ids: Ints
    n_head: int
    starts: Ints
    ends: Ints

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class Batch:
    """Pairs side by side, padded to the longest.

    Attributes:
        input_ids: (n, length) int64.
        attention_mask: (n, length) int64, 1 on tokens, 0 on padding.
        token_type_ids: (n, length) int64, 1 on the passage and its [SEP].
        passage_mask: (n, length) bool, True on passage tokens only.
    """

    input_ids: Ints
    attention_mask: Ints
    token_type_ids: Ints
    passage_mask: npt.NDArray[np.bool_]


def load_tokenizer(definition: str) -> Tokenizer:
    """The text of a `tokenizer.json` -> tokenizer that neither cuts nor pads."""
    tokenizer = Tokenizer.from_str(definition)
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def count_question_tokens(tokenizer: Tokenizer, question: str) -> int:
    """A question -> its word pieces, before any cut."""
    return len(tokenizer.encode(question, add_special_tokens=False).ids)


def encode_pairs(tokenizer: Tokenizer, question: str, passages: Sequence[str]) -> list[Encoded]:
    """A question and its passages -> one `Encoded` each; the question is cut where too long, a passage never."""
    cls, sep = tokenizer.token_to_id("[CLS]"), tokenizer.token_to_id("[SEP]")
    asked = tokenizer.encode(question, add_special_tokens=False).ids
    head = [cls, *asked[:QUESTION_TOKENS], sep]
    encoded = []
    for passage in tokenizer.encode_batch(list(passages), add_special_tokens=False):
        offsets = np.array(passage.offsets, dtype=np.int64).reshape(-1, 2)
        ids = np.array([*head, *passage.ids, sep], dtype=np.int64)
        encoded.append(Encoded(ids, len(head), offsets[:, 0], offsets[:, 1]))
    return encoded


def pad(pairs: Sequence[Encoded]) -> Batch:
    """(n) pairs, at least one -> Batch."""
    shape = (len(pairs), max(map(len, pairs)))
    batch = Batch(
        np.zeros(shape, np.int64), np.zeros(shape, np.int64), np.zeros(shape, np.int64), np.zeros(shape, np.bool_)
    )
    for row, pair in enumerate(pairs):
        batch.input_ids[row, : len(pair)] = pair.ids
        batch.attention_mask[row, : len(pair)] = 1
        batch.token_type_ids[row, pair.n_head : len(pair)] = 1
        batch.passage_mask[row, pair.n_head : len(pair) - 1] = True
    return batch
