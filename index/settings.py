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

    # On 700 SQuAD 2 questions over 446 paragraphs of Wikipedia, the right passage among the first 1, 3, 8, 16 fused:
    #   64: .757 .891 .954 .974;  96: .767 .909 .964 .983;  128: .796 .930 .970 .987
    #   96 with no overlap: .741 .907 .967 .977; with two sentences: .790 .907 .966 .979
    #   96 without prefix: .767 .903 .960 .981
    # Longer passages are found more easily because each holds more, and cost as much more to read.
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
