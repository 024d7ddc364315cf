"""Files of questions -> `QuestionFile`: JSON lines and CSV in `lines`, SQuAD in `squad`, BEIR folders in `beir`."""

import gzip
import hashlib
import zlib
from pathlib import Path

from bot.lab.formats import beir, lines, squad
from bot.lab.questions import QuestionFile
from index.errors import QuestionsError

_EXPECTED = "expected a .jsonl, .csv or .tsv file, a SQuAD .json file, or a BEIR folder"
_SPREADSHEETS = frozenset({".xlsx", ".xls", ".ods", ".numbers"})


def read_questions(path: Path, split: str | None = None) -> QuestionFile:
    """A file or folder -> its questions; .gz files are unpacked. Of a BEIR folder, `split` is the one that is read.

    Raises:
        QuestionsError: it is missing, empty, of another kind, or lines of it are wrong; names them.
    """
    if path.is_dir():
        return beir.read(path, split)
    try:
        data = path.read_bytes()
        raw = gzip.decompress(data) if path.suffix == ".gz" else data
    except EOFError as error:
        raise QuestionsError((f"{path} is cut short; {_EXPECTED}",)) from error
    except zlib.error as error:
        raise QuestionsError((f"{path} is damaged ({error}); {_EXPECTED}",)) from error
    except OSError as error:
        raise QuestionsError((f"{path} cannot be read ({error.strerror or error}); {_EXPECTED}",)) from error
    kind = Path(path.name.removesuffix(".gz")).suffix.lower()
    sha256 = hashlib.sha256(data).hexdigest()
    if not raw.strip():
        raise QuestionsError((f"{path} is empty; {_EXPECTED}",))
    if kind == ".jsonl":
        return lines.read_jsonl(path, raw, sha256)
    if kind in {".csv", ".tsv"}:
        return lines.read_csv(path, raw, sha256)
    if kind == ".json":
        return squad.read(path, raw, sha256)
    if kind in _SPREADSHEETS:
        raise QuestionsError((f"{path} is a spreadsheet; save its sheet as CSV (UTF-8)",))
    raise QuestionsError((f"{path} is of no kind that holds questions; {_EXPECTED}",))
