"""SQuAD 1.1 and 2.0: articles of paragraphs with questions; the paragraphs are the corpus.

Rajpurkar et al., "Know What You Don't Know: Unanswerable Questions for SQuAD" (2018), arXiv:1806.03822. An article is a
document, its paragraphs in order; gold is what all annotators marked. The article's title is the split.
"""

import json
from collections import Counter
from pathlib import Path
from typing import Any

from bot.lab.questions import Entry, QuestionFile, Wanted, complain
from bot.question import validate
from index.errors import QuestionError, QuestionsError
from index.records import Document, Span

BETWEEN = "\n\n"
_EXPECTED = 'expected SQuAD: {"data": [{"title", "paragraphs": [{"context", "qas"}]}]}'


def read(path: Path, raw: bytes, sha256: str) -> QuestionFile:
    """The bytes of a SQuAD file -> its questions and articles.

    Raises:
        QuestionsError: it is no such file; a question is empty or stands there twice, or an answer stands elsewhere.
    """
    try:
        articles = json.loads(raw.decode("utf-8-sig"))["data"]
    except json.JSONDecodeError as error:
        raise QuestionsError((f"{path}, line {error.lineno}: is no JSON ({error.msg}); {_EXPECTED}",)) from error
    except (ValueError, RecursionError, KeyError, TypeError) as error:
        raise QuestionsError((f"{path}, line 1: is not SQuAD; {_EXPECTED}",)) from error
    reading = _Reading(path, raw)
    try:
        for article in articles:
            reading.article(article)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        why = f"has no {error.args[0]}" if isinstance(error, KeyError) else "is not SQuAD"
        raise QuestionsError((f"{path}, line {reading.line}: {why}; {_EXPECTED}",)) from error
    complain(reading.problems)
    if not reading.entries:
        raise QuestionsError((f"{path} holds no question; {_EXPECTED}",))
    return QuestionFile(
        path, "SQuAD", sha256, tuple(reading.entries), tuple(reading.documents), dict(reading.paragraphs)
    )


class _Reading:
    """What has been read so far, and where."""

    def __init__(self, path: Path, raw: bytes) -> None:
        self._path = path
        self._raw = raw
        self._at = 0
        self._titles: Counter[str] = Counter()
        self.line = 1
        self.entries: list[Entry] = []
        self.documents: list[Document] = []
        self.paragraphs: dict[str, Span] = {}
        self.problems: list[str] = []

    def article(self, article: dict[str, Any]) -> None:
        title = str(article["title"])
        self._titles[title] += 1
        # Two articles of one title are two documents.
        name = title if self._titles[title] == 1 else f"{title} ({self._titles[title]})"
        path, spans, offset = f"{name}.txt", [], 0
        texts = []
        for paragraph in article["paragraphs"]:
            context = str(paragraph["context"])
            spans.append(Span(offset, offset + len(context)))
            offset = spans[-1].end + len(BETWEEN)
            texts.append(context)
            for question in paragraph["qas"]:
                self._question(question, title, path, context, spans[-1])
        filled = tuple(span for span, text in zip(spans, texts, strict=True) if text.strip())
        self.documents.append(Document(path, title.replace("_", " "), BETWEEN.join(texts), "", (), filled))

    def _question(self, question: dict[str, Any], article: str, path: str, context: str, paragraph: Span) -> None:
        id = str(question["id"])
        self._move_to(id)
        text = str(question["question"])
        starts = {(answer["answer_start"], str(answer["text"])) for answer in question["answers"]}
        places = [(start, answer) for start, answer in starts if type(start) is int and start >= 0 and answer]
        try:
            validate(text)
        except QuestionError as error:
            self._wrong(f"question {id}: {error}")
        if id in self.paragraphs:
            self._wrong(f"the id {id} stands there twice")
        for start, answer in sorted(starts, key=str):
            if (start, answer) not in places or context[start : start + len(answer)] != answer:
                self._wrong(f"question {id}: the answer “{answer[:60]}” does not stand at {start} of its paragraph")
        self.paragraphs[id] = paragraph
        wanted = tuple(
            Wanted(document=path, span=Span(start, start + length))
            for start, length in sorted({(paragraph.start + start, len(answer)) for start, answer in places})
        )
        self.entries.append(Entry(self.line, id, text, wanted, split=article))

    def _wrong(self, problem: str) -> None:
        self.problems.append(f"{self._path}, line {self.line}: {problem}")

    def _move_to(self, id: str) -> None:
        """Counts the lines up to the question's id: JSON itself tells of none."""
        at = self._raw.find(json.dumps(id).encode(), self._at)
        if at >= 0:
            self.line += self._raw.count(b"\n", self._at, at)
            self._at = at + 1
