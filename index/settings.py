"""Everything that decides what a snapshot holds, in one immutable value."""

from dataclasses import asdict, dataclass

from index.errors import SettingsError

DEFAULT_MODEL = "all-MiniLM-L6-v2"
PASSAGE_TOKENS = range(16, 4097)
OVERLAP_SENTENCES = range(5)


@dataclass(frozen=True, slots=True)
class IndexSettings:
    """How documents become a snapshot. Built once at the edge, stored in the manifest.

    Attributes:
        model: `all-MiniLM-L6-v2` (shipped), or any sentence-transformers model by name or folder.
        passage_tokens: budget of a passage in tiktoken cl100k tokens.
        overlap_sentences: how many sentences two neighbouring passages share.
        prefix: whether the encoder and BM25 read title and headings before the passage.

    Raises:
        SettingsError: a value outside its range.
    """

    model: str = DEFAULT_MODEL
    passage_tokens: int = 96
    overlap_sentences: int = 1
    prefix: bool = True

    def __post_init__(self) -> None:
        if self.passage_tokens not in PASSAGE_TOKENS:
            raise SettingsError(f"passage size is {self.passage_tokens} tokens; expected 16 to 4096")
        if self.overlap_sentences not in OVERLAP_SENTENCES:
            raise SettingsError(f"overlap is {self.overlap_sentences} sentences; expected 0 to 4")
        if not self.model.strip():
            raise SettingsError(f"the model's name is empty; expected {DEFAULT_MODEL}, another name or a folder")

    def as_json(self) -> dict[str, str | int | bool]:
        """The settings as the manifest stores them."""
        return asdict(self)
