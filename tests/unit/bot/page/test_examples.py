"""Questions to begin with."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import anyio
import pytest

from bot.answer import Answer
from bot.page.examples import Examples, candidates, choose_examples
from index.snapshot import load_snapshot, write_snapshot
from tests.browser.fakes import FakeResponder, make_document
from tests.unit.fakes import contents_of

NOVAK = "The bakers of Old Prague, who knew Maria Novak, baked. In 1888 they met Maria Novak, and left."
ESSAY = (Path(__file__).parents[4] / "corpus" / "putins-pivot.txt").read_text("utf-8")


def chosen_of(examples: Examples) -> list[str]:
    """The examples, awaited in a thread of its own: the browser tests keep a loop running in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(anyio.run, examples.chosen).result()


def test_the_same_corpus_gives_the_same_examples() -> None:
    """They depend on the documents alone."""
    documents = (make_document(ESSAY), make_document("Of Rome\n\nThe senate of Rome, said Julius Caesar, met in 1944."))
    assert candidates(documents) == candidates(documents)
    one = list(choose_examples(FakeResponder(documents)))
    assert one == list(choose_examples(FakeResponder(documents)))
    assert len(one) == 3
    assert len(set(one)) == 3


def test_other_documents_give_other_examples() -> None:
    """Nothing is hard-coded: what is asked about stands in the text."""
    text = "Of bread\n\nThe bakers of Old Prague, who knew Maria Novak, baked. In 1888 they met Maria Novak, and left."
    asked = candidates([make_document(text)])
    assert asked[:3] == ["What is said about Maria Novak?", "What is said about Old Prague?", "What happened in 1888?"]


def test_what_the_title_names_is_not_asked_about() -> None:
    """The topic of the whole is no question."""
    text = "Old Prague\n\nThe bakers of Old Prague, who knew Maria Novak, baked daily."
    assert candidates([make_document(text)]) == ["What is said about Maria Novak?"]


def test_examples_are_answered() -> None:
    """A first visitor who clicks gets a quote: what is not answered is no example, and no two give the same quote."""
    documents = (make_document(ESSAY),)
    responder = FakeResponder(documents)
    chosen = list(choose_examples(responder))
    answers = [responder.answer(question) for question in chosen]
    assert {answer.verdict for answer in answers} == {"answered"}
    assert len({answer.quotes[0].span for answer in answers}) == len(chosen)


def test_a_text_without_names_gives_none() -> None:
    """A page without examples is better than one with empty ones."""
    assert list(choose_examples(FakeResponder((make_document("all is lower case here, and short."),)))) == []


def test_a_defect_while_choosing_gives_none(caplog: pytest.LogCaptureFixture) -> None:
    """Examples never stop the page."""

    class Broken(FakeResponder):
        def answer(
            self, question: str, previous: str | None = None, *, documents: frozenset[str] | None = None
        ) -> Answer:
            raise RuntimeError(question, previous, documents)

    examples = Examples(Broken((make_document(ESSAY),)))
    assert chosen_of(examples) == []
    assert "no examples could be chosen" in caplog.text


class Rebuilt(FakeResponder):
    """What it answers from is another generation as soon as `later` is set."""

    later: FakeResponder | None = None

    def now(self) -> FakeResponder:
        """Itself, or what came later."""
        return self.later or self


def test_examples_follow_the_index() -> None:
    """After a rebuild whoever opens the page is offered questions about the documents as they are now, chosen once."""
    responder = Rebuilt((make_document(ESSAY),))
    examples = Examples(responder)
    before = chosen_of(examples)
    responder.later = FakeResponder((make_document(f"Of bread\n\n{NOVAK}"),), generation="other")
    after = chosen_of(examples)
    assert after
    assert not set(after) & set(before)
    assert set(after) <= set(candidates(responder.later.documents))
    n_asked = len(responder.later.asked)
    assert chosen_of(examples) == after
    assert len(responder.later.asked) == n_asked


def test_a_damaged_text_gives_no_example(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Where one document's text was altered, one line says so, and the examples are of the others."""
    write_snapshot(tmp_path, contents_of({"a.txt": f"Of bread\n\n{NOVAK}", "b.txt": ESSAY}), {})
    file = next(tmp_path.rglob("texts.utf8"))
    file.write_bytes(file.read_bytes().replace(b"Novak", b"Kovan"))
    assert candidates(load_snapshot(tmp_path).contents.documents) == candidates((make_document(ESSAY, "b.txt"),))
    assert [record.getMessage().split(":")[0] for record in caplog.records] == ["no example asks about a.txt"]


def test_choosing_does_not_hold_the_page_up() -> None:
    """They are chosen beside the page's start; who asks for them waits for them."""
    responder = FakeResponder((make_document(ESSAY),))
    held = threading.Event()
    answer = responder.answer

    class Slow(FakeResponder):
        def answer(
            self, question: str, previous: str | None = None, *, documents: frozenset[str] | None = None
        ) -> Answer:
            held.wait(timeout=30)
            return answer(question, previous, documents=documents)

    examples = Examples(Slow(responder.documents))
    assert responder.asked == []
    held.set()
    assert len(chosen_of(examples)) == 3


def test_the_process_waits_for_a_question_that_is_being_answered() -> None:
    """Interrupted while it chooses, Quoth ends in order: no thread is cut off inside the model."""
    started, finish = threading.Event(), threading.Event()

    class Waiting(FakeResponder):
        def answer(
            self, question: str, previous: str | None = None, *, documents: frozenset[str] | None = None
        ) -> Answer:
            started.set()
            assert finish.wait(timeout=60)
            return super().answer(question, previous, documents=documents)

    Examples(Waiting((make_document(ESSAY),)))
    assert started.wait(timeout=60)
    chooser = next(thread for thread in threading.enumerate() if thread.name == "examples")
    assert not chooser.daemon
    finish.set()
    chooser.join(timeout=60)
    assert not chooser.is_alive()
