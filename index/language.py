"""Which documents the model will serve badly: written in another language, or in signs it has no entry for."""

from functools import cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from index.encoder import Encoder
from index.records import Document
from index.settings import DEFAULT_MODEL

_SAMPLE_CHARACTERS = 8_000
# Below this the identifier guesses: headings and names look like any language.
_SHORTEST_CHARACTERS = 200
_SURE = 0.9
_UNKNOWN_SHARE = 0.05


def warn_about(document: Document, encoder: Encoder) -> str | None:
    """Document -> why this model serves it badly, in one line, or None.

    The language is judged only for the shipped model, which was trained on English.
    """
    sample = document.folded.text[:_SAMPLE_CHARACTERS]
    if encoder.name == DEFAULT_MODEL and len(sample) >= _SHORTEST_CHARACTERS:
        language, probability = _identifier().classify(sample)
        if language != "en" and probability >= _SURE:
            return f"seems to be in another language ({language}); {DEFAULT_MODEL} was trained on English"
    n_tokens = encoder.count_tokens(sample)
    share = encoder.count_unknown(sample) / max(1, n_tokens)
    if share > _UNKNOWN_SHARE:
        return f"{share:.0%} of its tokens are unknown to {encoder.name}"
    return None


@cache
def _identifier() -> LanguageIdentifier:
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
