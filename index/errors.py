"""Every error that Quoth raises on purpose.

    QuothError                  one line for a person: actual, expected, remedy
    ├── SettingsError           a setting out of its range
    ├── CorpusError             the folder is missing, empty, or holds nothing readable
    │   └── DocumentError       one document cannot be read; the rest of the corpus can
    ├── EncoderError            the model cannot be loaded or cannot serve
    ├── SnapshotError           the index cannot be used
    │   ├── SnapshotMissing     there is none yet
    │   ├── SnapshotForeign     not ours, or of another format version
    │   ├── SnapshotDamaged     ours, but a file is missing, cut short or altered
    │   └── SnapshotUnwritable  the disk is full, or the folder must not be written; the one before stands
    ├── ReaderError             the trained reader's weights are missing or altered
    ├── QuestionError           the question cannot be asked as it stands
    ├── AnswersError            a file of questions or answers cannot be read
    │   └── QuestionsError      lines of a file of questions are wrong; it holds them all
    └── ServerError             the page cannot be served

The message is shown to people as it is; it never holds a traceback. Whatever else is raised is a
defect of Quoth's own.
"""


class QuothError(Exception):
    """The root: its message is one line that says what is wrong and what to do."""


class SettingsError(QuothError):
    """A setting lies outside its range."""


class CorpusError(QuothError):
    """The corpus as a whole cannot be read."""


class DocumentError(CorpusError):
    """One document cannot be read; the message is the reason alone, without the file's name."""


class EncoderError(QuothError):
    """The embedding model cannot be loaded, or does not fit the index."""


class SnapshotError(QuothError):
    """The index cannot be used."""


class SnapshotMissing(SnapshotError):
    """There is no index where one was looked for."""


class SnapshotForeign(SnapshotError):
    """The folder holds something that this version of Quoth did not write."""


class SnapshotDamaged(SnapshotError):
    """A file of the index is missing, cut short or altered."""


class SnapshotUnwritable(SnapshotError):
    """The disk is full, or the folder must not be written; what could be asked before still can."""


class ReaderError(QuothError):
    """The trained reader's weights are missing or altered."""


class QuestionError(QuothError):
    """The question cannot be asked as it stands."""


class AnswersError(QuothError):
    """A file of questions or of answers cannot be read."""


class QuestionsError(AnswersError):
    """Lines of a file of questions are wrong. `problems` has a line for each; the message is the first."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__(problems[0])
        self.problems = problems


class ServerError(QuothError):
    """The page cannot be served."""


def reason_of(error: Exception) -> str:
    """Another library's error -> the beginning of its first line, or what it is called: for a line of our own."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:160]
