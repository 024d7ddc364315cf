"""Questions with known answers -> other settings, chosen on one half of them and measured on the other.

One setting after another is tried, the best so far kept for the next: passage size, overlap, fusion (its constant, and
what terms weigh in it), depth. Better is more first quotes that are right; between equal ones, a higher MRR@10 of the
reader's ranking; and where both are equal, what is there already.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bot.counting import counted
from bot.lab.compare import randomisation_p
from bot.lab.estimates import Floats
from bot.lab.questions import LabelledQuestion
from bot.lab.quotes import quote_values
from bot.lab.retrieval import retrieval_values
from bot.lab.run import run
from bot.respond import Responder
from index.build import Progress, index_corpus
from index.errors import AnswersError
from index.records import Corpus
from index.search import SearchSettings
from index.settings import IndexSettings
from index.snapshot import Contents, Snapshot

PASSAGE_TOKENS = (64, 96, 128, 192)
OVERLAPS = (0, 1, 2)
RRF_KS = (5, 10, 30, 60)
TERM_PERCENTS = (30, 50, 100)
PASSAGES = (8, 16, 24)
# Half of them must still say something.
FEWEST = 20


@dataclass(frozen=True, slots=True)
class Candidate:
    """Settings that can be tried."""

    index: IndexSettings
    search: SearchSettings

    @property
    def words(self) -> str:
        """What is tuned, in words."""
        return (
            f"passages of {self.index.passage_tokens} tokens, "
            f"{counted(self.index.overlap_sentences, 'sentence')} shared, "
            f"fusion with k = {self.search.rrf_k} and terms at {self.search.term_percent}%, "
            f"{self.search.passages} passages read"
        )


@dataclass(frozen=True, slots=True)
class Tried:
    """A candidate on one half: for its n answerable questions, whether the first quote is right, and the MRR@10."""

    candidate: Candidate
    right: Floats
    mrr: Floats

    @property
    def score(self) -> tuple[float, float]:
        """What is compared."""
        return float(self.right.mean()), float(self.mrr.mean())


@dataclass(frozen=True, slots=True)
class Tuned:
    """What was tried, and how the best does on questions that did not choose it.

    Attributes:
        tried: on the half that chose, what was there first.
        chosen: the best of them.
        before: the other half with the settings that were there.
        after: the other half with the chosen ones.
        p: how often chance alone makes a difference in right quotes as large (see `compare`).
    """

    tried: tuple[Tried, ...]
    chosen: Candidate
    before: Tried
    after: Tried
    p: float

    @property
    def is_new(self) -> bool:
        """Whether anything else than what was there was chosen."""
        return self.chosen != self.before.candidate

    @property
    def is_worth_keeping(self) -> bool:
        """Whether another fusion or depth was chosen, and does better on the other half too."""
        return self.chosen.search != self.before.candidate.search and self.after.score > self.before.score


def tune(
    questions: Sequence[LabelledQuestion],
    responder: Responder,
    progress: Progress = lambda *_: None,
    *,
    whole_documents: bool = False,
    workers: int = 1,
    passages: bool = True,
) -> Tuned:
    """Questions -> better settings for the documents of the responder, if there are any.

    Args:
        questions: gold in those documents. What nothing answers says nothing of these settings and is not asked.
        responder: its settings are those that are there.
        progress: called with (step, done, total).
        whole_documents: as in `run`.
        workers: as in `run`.
        passages: whether other sizes and overlaps are tried too; else, what is found is for passages as they are.

    Raises:
        AnswersError: fewer than `FEWEST` questions have an answer.
    """
    answerable = [question for question in questions if question.is_answerable]
    if len(answerable) < FEWEST:
        raise AnswersError(f"{counted(len(answerable), 'question')} with gold; to tune takes at least {FEWEST}")
    choosing, held_out = halves(answerable)
    built: dict[IndexSettings, Contents] = {responder.snapshot.contents.settings: responder.snapshot.contents}

    def attempt(candidate: Candidate, half: Sequence[LabelledQuestion], step: str) -> Tried:
        if candidate.index not in built:
            own = responder.snapshot.contents
            corpus = Corpus(own.corpus_root, tuple(own.documents))
            built[candidate.index] = index_corpus(corpus, candidate.index, responder.encoder, previous=own).contents
        asked = replace(responder, snapshot=Snapshot("tuning", built[candidate.index]), search=candidate.search)
        outcomes = run(
            half,
            asked,
            lambda _, done, total: progress(step, done, total),
            whole_documents=whole_documents,
            workers=workers,
        )
        return Tried(candidate, quote_values(outcomes)["right_first"], retrieval_values(outcomes, "reader")["mrr@10"])

    there = Candidate(responder.snapshot.contents.settings, responder.search)
    best = attempt(there, choosing, "as it is")
    tried = [best]
    of_passages = (
        ("passage size", "index", "passage_tokens", PASSAGE_TOKENS),
        ("overlap", "index", "overlap_sentences", OVERLAPS),
    )
    of_search = (
        ("fusion", "search", "rrf_k", RRF_KS),
        ("weight of terms", "search", "term_percent", TERM_PERCENTS),
        ("depth", "search", "passages", PASSAGES),
    )
    for name, part, setting, values in (*(of_passages if passages else ()), *of_search):
        for number, candidate in enumerate(_variants(best.candidate, part, setting, values), start=1):
            found = attempt(candidate, choosing, f"{name}, {number}")
            tried.append(found)
            best = max(best, found, key=lambda one: one.score)  # of equal ones, the first
    before = attempt(there, held_out, "the other half")
    after = before if best.candidate == there else attempt(best.candidate, held_out, "the other half, tuned")
    return Tuned(tuple(tried), best.candidate, before, after, randomisation_p(after.right - before.right))


def halves(questions: Sequence[LabelledQuestion]) -> tuple[list[LabelledQuestion], list[LabelledQuestion]]:
    """Questions -> two halves, the same in every run and whatever their order: by a digest of their ids."""
    ordered = sorted(questions, key=lambda question: hashlib.sha256(question.id.encode("utf-8", "replace")).digest())
    middle = len(ordered) // 2
    return ordered[:middle], ordered[middle:]


def _variants(start: Candidate, part: str, name: str, values: Sequence[int]) -> Iterator[Candidate]:
    """The candidates that differ from `start` in one setting alone, of its `index` or its `search`."""
    settings = getattr(start, part)
    for value in values:
        if value != getattr(settings, name):
            yield replace(start, **{part: replace(settings, **{name: value})})
