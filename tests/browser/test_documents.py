"""Documents in the page: the list and its ticks, pages of a PDF with the words laid over, files dropped in."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.page.shelf import LISTED
from bot.page.users import Secret, Users
from index.documents import read_corpus
from tests.browser.conftest import CALLS, Held, drawn, served
from tests.browser.fakes import FakeResponder
from tests.browser.test_accessibility import axe, grave_findings
from tests.browser.test_main_path import ask
from tests.unit.fakes import write_corpus
from tests.unit.files import Words, eml_of, lines, pdf

pytestmark = [pytest.mark.browser, pytest.mark.real]
__all__ = ["axe"]  # a fixture of its own file
Open = Callable[..., tuple[Any, Any]]

LEASE = pdf(
    lines("This first page speaks of parties only."),
    [Words(72, 421, "The rent of the crane is due in March.")],
)
# Where a visit's files are listed.
LISTS = re.compile("/quoth/upload/[0-9a-f]{32}$")
LIGHTHOUSE = "The lighthouse was painted red in the year 1931."


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    files: dict[str, str | bytes] = {"lease.pdf": LEASE, "notes.txt": LIGHTHOUSE}
    return write_corpus(tmp_path_factory.mktemp("documents"), files)


@pytest.fixture(scope="module")
def responder(folder: Path) -> FakeResponder:
    return FakeResponder(read_corpus(folder).documents, corpus_root=str(folder))


@pytest.fixture(scope="module")
def closed(responder: FakeResponder) -> Iterator[str]:
    with served(responder) as where:
        yield where


@pytest.fixture(scope="module")
def opened(responder: FakeResponder) -> Iterator[str]:
    with served(responder, allow_upload=True) as where:
        yield where


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Fifty documents more than the list shows at first, n000 to n249."""
    texts = {f"n{n:03}.txt": f"The harbour number {n} is deep." for n in range(LISTED + 50)}
    folder = write_corpus(tmp_path_factory.mktemp("many"), texts)
    with served(FakeResponder(read_corpus(folder).documents, corpus_root=str(folder))) as where:
        yield where


def test_a_quote_of_a_pdf_is_shown_on_its_page(open_page: Open, closed: str) -> None:
    """The citation names the page; a click shows its picture, the words marked where they stand, the text below."""
    page, seen = open_page(closed)
    turn = ask(page, "When is the rent of the crane due?")
    assert turn.locator(".cite a").first.text_content() == "lease.pdf, page 2"
    turn.locator(".cite a").first.click()
    image = page.locator(".sheet img")
    image.wait_for()
    page.wait_for_function("document.querySelector('.sheet img').naturalWidth > 0")
    assert image.get_attribute("alt").startswith("Page 2 of lease.pdf")
    sheet = page.locator(".sheet").bounding_box()
    boxes = [box.bounding_box() for box in page.locator(".box.on-quote, .box.on-answer").all()]
    left, right = min(box["x"] for box in boxes), max(box["x"] + box["width"] for box in boxes)
    assert (left - sheet["x"]) / sheet["width"] == pytest.approx(72 / 595, abs=0.01)
    assert right < sheet["x"] + sheet["width"] / 2
    for box in boxes:
        middle = (box["y"] + box["height"] / 2 - sheet["y"]) / sheet["height"]
        assert middle == pytest.approx(0.5, abs=0.02)
    assert page.locator("#source-text .inq").text_content() == "The rent of the crane is due in March."
    pane = page.locator("#source-scroll").bounding_box()
    assert pane["y"] <= boxes[0]["y"] <= pane["y"] + pane["height"], "the words are in view"
    assert seen.complaints == []


def test_a_pdf_that_has_changed_is_shown_as_text(open_page: Open, tmp_path: Path) -> None:
    """Where the file is not the one that was indexed, its picture would be no witness: the text alone is shown."""
    folder = write_corpus(tmp_path, {"lease.pdf": LEASE})
    responder = FakeResponder(read_corpus(folder).documents, corpus_root=str(folder))
    (folder / "lease.pdf").write_bytes(pdf(lines("Another file altogether.")))
    with served(responder) as where:
        page, _ = open_page(where)
        ask(page, "When is the rent of the crane due?").locator(".cite a").first.click()
        page.locator("#source-text .inq").wait_for()
        assert page.locator(".sheet").count() == 0


def test_the_list_tells_size_extent_and_date(open_page: Open, closed: str) -> None:
    """Each document has its title, file, pages or paragraphs, size, and when it was indexed."""
    page, _ = open_page(closed)
    shown = page.locator(".documents li").all_text_contents()
    assert len(shown) == 2
    assert f"lease.pdf2 pages · {len(LEASE)} bytes · sha256" in shown[0]
    assert "notes.txt · 1 paragraph · 48 bytes" in shown[1]
    assert "indexed 2 January 2026" in shown[1]


def test_only_ticked_documents_are_asked(open_page: Open, closed: str) -> None:
    """An unticked document is not quoted; how many are asked stands at the question; none ticked is said."""
    page, seen = open_page(closed)
    question = "What was painted red in the year 1931?"
    assert "notes" in ask(page, question).locator(".cite a").first.text_content()
    page.get_by_label("Ask notes").uncheck()
    assert page.get_attribute("#question", "placeholder") == "Ask 1 of 2 documents"
    assert "notes" not in ask(page, question).text_content()
    page.get_by_role("button", name="Tick none").click()
    assert "no document is ticked" in ask(page, question).text_content().lower()
    page.get_by_role("button", name="Tick all").click()
    assert "notes" in ask(page, question).locator(".cite a").first.text_content()
    assert seen.complaints == []


def test_the_list_follows_a_rebuild(open_page: Open, tmp_path: Path) -> None:
    """After a rebuild, the next answer brings the new list; what was not ticked still is not; a new page has it too."""
    folder = write_corpus(tmp_path, {"lease.pdf": LEASE, "notes.txt": LIGHTHOUSE})
    responder = FakeResponder(read_corpus(folder).documents, corpus_root=str(folder))
    with served(responder) as address:
        page, seen = open_page(address)
        page.get_by_label("Ask notes").uncheck()
        (folder / "notes.txt").write_text("The lighthouse is blue now.", encoding="utf-8")
        (folder / "tides.txt").write_text("The tide rises by four metres.", encoding="utf-8")
        responder.documents, responder.generation = read_corpus(folder).documents, "other"
        ask(page, "What is said about the crane?")
        page.locator(".documents li", has_text="tides").wait_for()
        assert page.locator(".documents li").count() == 3
        assert not page.get_by_label("Ask notes").is_checked()
        assert page.get_by_label("Ask tides").is_checked()
        assert page.get_attribute("#question", "placeholder") == "Ask 2 of 3 documents"
        another, _ = open_page(address)
        another.locator(".documents li", has_text="tides").wait_for()
        assert seen.complaints == []


def test_what_has_the_focus_keeps_it(open_page: Open, closed: str) -> None:
    """By keyboard: ticking all or none leaves the focus on the button, as often as it is pressed."""
    page, _ = open_page(closed)
    for name, placeholder in (("Tick none", "Ask 0 of 2 documents"), ("Tick all", "Ask the documents")):
        page.get_by_role("button", name=name).focus()
        for _ in range(2):
            page.keyboard.press("Enter")
            assert page.evaluate("document.activeElement.textContent") == name
            assert page.get_attribute("#question", "placeholder") == placeholder


def test_any_of_many_documents_can_be_found_and_ticked(open_page: Open, many: str) -> None:
    """Beyond what the list shows at first: sought by name, or after "Show more"; ticks hold for all, shown or not."""
    count = LISTED + 50
    page, seen = open_page(many)
    assert page.locator(".documents li").count() == LISTED
    page.get_by_role("button", name="Tick none").click()
    page.fill("#find", "N249")
    page.wait_for_function("document.querySelectorAll('.documents li').length === 1")
    assert page.evaluate("document.activeElement.id") == "find"
    page.get_by_label("Ask n249").check()
    assert page.get_attribute("#question", "placeholder") == f"Ask 1 of {count} documents"
    assert "n249" in ask(page, "Which harbour number is deep?").locator(".cite a").first.text_content()
    page.fill("#find", "")
    page.wait_for_function(f"document.querySelectorAll('.documents li').length === {LISTED}")
    page.get_by_role("button", name="Show more documents (50 left)").press("Enter")
    page.wait_for_function(f"document.querySelectorAll('.documents li').length === {count}")
    assert page.evaluate("document.activeElement.labels[0].textContent") == f"Ask n{LISTED}"
    assert page.get_by_label("Ask n249").is_checked()
    assert not page.get_by_label("Ask n248").is_checked()
    assert page.get_by_role("button", name="Show more").count() == 0
    assert seen.complaints == []


def test_without_the_flag_nothing_can_be_brought(open_page: Open, closed: str) -> None:
    """Where uploads are not allowed, there is neither a place to drop files nor an address to send them to."""
    page, _ = open_page(closed)
    page.locator(".documents").wait_for()
    assert page.locator("input[type=file], .drop").count() == 0
    status = "async (path) => (await fetch(path, {method: 'POST', body: 'x'})).status"
    assert page.evaluate(status, f"quoth/upload/{'a' * 32}?name=a.txt") == 404


def test_files_are_brought_asked_and_removed(open_page: Open, opened: str) -> None:
    """A file that is dropped in is listed, asked, shown on its page, seen by no other tab, and gone when removed."""
    page, seen = open_page(opened)
    brought = pdf([Words(72, 700, "Old Maria Novak baked nine hundred loaves.")])
    page.set_input_files("#files", [{"name": "../../bread.pdf", "mimeType": "application/pdf", "buffer": brought}])
    mine = page.locator(".documents li", has_text="bread.pdf")
    mine.wait_for()
    question = "How many loaves did old Maria Novak bake?"
    turn = ask(page, question)
    assert turn.locator(".cite a").first.text_content() == "bread.pdf, page 1"
    turn.locator(".cite a").first.click()
    page.wait_for_function("document.querySelector('.sheet img')?.naturalWidth > 0")
    assert page.locator(".box").count() > 0
    other, _ = open_page(opened)
    with other.expect_response(LISTS):
        other.reload()
    drawn(other)
    assert other.locator(".documents li", has_text="bread.pdf").count() == 0
    assert "bread" not in ask(other, question).text_content()
    page.reload()
    page.locator("#all").click()  # the address still names the source
    mine.get_by_role("button", name="Remove").click()
    mine.wait_for(state="detached")
    assert "bread" not in ask(page, question).text_content()
    assert [text for text in seen.complaints if "404" not in text] == []


def test_an_upload_draws_over_no_source(open_page: Open, opened: str) -> None:
    """Who opens a source while a file is being read goes on reading; the file is in the list afterwards."""
    page, _ = open_page(opened)
    link = ask(page, "When is the rent of the crane due?").locator(".cite a").first
    page.set_input_files("#files", [{"name": "bread.txt", "mimeType": "text/plain", "buffer": b"Nine hundred loaves."}])
    link.click()
    page.locator("#source-text .inq").wait_for()
    page.wait_for_function("document.getElementById('announce').textContent === 'Ready to be asked'")
    assert page.locator("#source-text .inq").is_visible()
    assert page.locator(".documents").count() == 0
    page.locator("#all").click()
    page.locator(".documents li", has_text="bread").wait_for()
    page.get_by_role("button", name="Remove bread").press("Enter")
    page.locator(".documents li", has_text="bread").wait_for(state="detached")
    assert page.evaluate("document.activeElement.id") == "files"


def test_who_signs_out_leaves_no_files(open_page: Open, responder: FakeResponder) -> None:
    """The next person at this browser finds neither the files nor the visit that they belonged to."""
    with served(responder, Users({"anna": Secret.of("correct horse")}), allow_upload=True) as where:
        page, _ = open_page(where)

        def sign_in() -> None:
            page.fill("#name", "anna")
            page.fill("#password", "correct horse")
            page.keyboard.press("Enter")
            page.locator("#files").wait_for(state="attached")

        sign_in()
        page.set_input_files("#files", [{"name": "bread.txt", "mimeType": "text/plain", "buffer": b"Loaves."}])
        page.locator(".documents li", has_text="bread").wait_for()
        visit = page.evaluate("sessionStorage.getItem('quoth-visit')")
        page.locator("#leave").click()
        page.locator("#password").wait_for()
        assert page.evaluate("sessionStorage.getItem('quoth-visit')") is None
        sign_in()
        assert page.evaluate("async (visit) => (await fetch('quoth/upload/' + visit)).json()", visit) == []


def test_files_that_are_no_longer_held_are_told(open_page: Open, responder: FakeResponder) -> None:
    """After the server let go of them, a question says so once and the list shows it; the next is asked without."""
    with pytest.MonkeyPatch.context() as patch, served(responder, allow_upload=True) as where:
        page, _ = open_page(where)
        page.set_input_files("#files", [{"name": "bread.txt", "mimeType": "text/plain", "buffer": b"Loaves."}])
        page.locator(".documents li", has_text="bread").wait_for()
        patch.setattr("bot.page.uploads._MAX_BYTES", 1)
        other, _ = open_page(where)
        other.set_input_files("#files", [{"name": "other.txt", "mimeType": "text/plain", "buffer": b"Others."}])
        other.locator(".documents li", has_text="other").wait_for()
        assert "no longer held; add them again" in ask(page, "When is the rent of the crane due?").text_content()
        page.locator(".documents li", has_text="bread").wait_for(state="detached")
        assert "lease" in ask(page, "When is the rent of the crane due?").locator(".cite a").first.text_content()


def test_a_list_that_comes_late_is_not_shown(open_page: Open, opened: str) -> None:
    """The page asks for its files when it opens; that answer, overtaken by files sent since, takes none away."""
    page, _ = open_page(opened)
    late = Held(page, LISTS, at_most=1)
    page.reload()
    page.locator("#files").wait_for(state="attached")
    page.set_input_files("#files", [{"name": "bread.txt", "mimeType": "text/plain", "buffer": b"Loaves."}])
    page.locator(".documents li", has_text="bread").wait_for()
    assert late.reply().json() == []
    late.let_go()
    assert page.locator(".documents li", has_text="bread").count() == 1


def test_what_is_unticked_while_a_list_comes_stays_unticked(open_page: Open, tmp_path: Path) -> None:
    """The list of a rebuilt index does not know of it; asking the document all the same would be against the tick."""
    folder = write_corpus(tmp_path, {"lease.pdf": LEASE, "notes.txt": LIGHTHOUSE})
    responder = FakeResponder(read_corpus(folder).documents, corpus_root=str(folder))
    with served(responder) as where:
        page, _ = open_page(where)
        page.wait_for_load_state("networkidle")  # the page asks for the list when it opens, too
        responder.generation = "other"
        late = Held(page, CALLS, "list_documents", at_most=1)
        ask(page, "When is the rent of the crane due?")
        late.reply()
        page.get_by_label("Ask notes").uncheck()
        late.let_go()
        assert not page.get_by_label("Ask notes").is_checked()
        assert page.get_attribute("#question", "placeholder") == "Ask 1 of 2 documents"


def test_a_list_that_was_overtaken_by_a_newer_one_is_not_shown(open_page: Open, tmp_path: Path) -> None:
    """Of two lists of an index that was rebuilt in between, the newer one stays, whichever comes first."""
    folder = write_corpus(tmp_path, {"lease.pdf": LEASE, "notes.txt": LIGHTHOUSE})
    responder = FakeResponder(read_corpus(folder).documents, corpus_root=str(folder))
    with served(responder) as where:
        page, _ = open_page(where)
        page.wait_for_load_state("networkidle")  # as above
        late = Held(page, CALLS, "list_documents", at_most=2)
        ask(page, "When is the rent of the crane due?")
        late.reply(0)
        write_corpus(folder, {"tides.txt": "The tide rises by four metres."})
        responder.documents, responder.generation = read_corpus(folder).documents, "other"
        ask(page, "When is the rent of the crane due?")
        late.let_go(1)
        tides = page.locator(".documents li", has_text="tides").element_handle()
        late.let_go(0)
        assert tides.evaluate("tides => tides.isConnected"), "not even until the page asks again"


def test_more_of_what_is_no_longer_sought_is_not_shown(open_page: Open, many: str) -> None:
    """Who seeks something before "Show more" has answered sees what was sought, and nothing else."""
    page, _ = open_page(many)
    late = Held(page, CALLS, '"start"', at_most=1)
    page.get_by_role("button", name="Show more documents (50 left)").click()
    late.reply()
    page.fill("#find", "n249")
    page.wait_for_function("document.querySelectorAll('.documents li').length === 1")
    late.let_go()
    assert page.locator(".documents li").count() == 1


def test_a_list_that_comes_late_takes_the_focus_from_nothing(open_page: Open, many: str) -> None:
    """Who has gone on to the list, or to the question, before it is there stays where they are."""
    page, _ = open_page(many)
    late = Held(page, CALLS, "list_documents", at_most=2)
    page.fill("#find", "n19")
    late.reply(0)
    page.locator(".documents a", has_text="n192").focus()
    late.let_go(0)
    page.wait_for_function("document.querySelectorAll('.documents li').length === 10")
    assert page.evaluate("document.activeElement.textContent") == "n192"
    page.fill("#find", "")
    late.let_go(1)
    page.wait_for_function(f"document.querySelectorAll('.documents li').length === {LISTED}")
    late = Held(page, CALLS, '"start"', at_most=1)
    page.get_by_role("button", name="Show more").press("Enter")
    late.reply()
    page.locator("#question").focus()
    late.let_go()
    page.wait_for_function(f"document.querySelectorAll('.documents li').length === {LISTED + 50}")
    assert page.evaluate("document.activeElement.id") == "question"


def test_what_cannot_be_read_is_told(open_page: Open, opened: str) -> None:
    """A file of an unknown type is refused by what it is, whatever its name says; the good one beside it is kept."""
    page, _ = open_page(opened)
    page.set_input_files(
        "#files",
        [
            {"name": "good.txt", "mimeType": "text/plain", "buffer": b"A good text."},
            {"name": "bad.txt", "mimeType": "text/plain", "buffer": b"\x89PNG\r\n\x1a\n"},
        ],
    )
    page.locator(".drop .wrong").wait_for()
    assert "bad.txt: unknown type: is a picture (PNG)" in page.locator(".drop .wrong").text_content()
    assert page.locator(".documents li", has_text="good.txt").count() == 1


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_serious_here(open_page: Open, opened: str, axe: str, width: int, *, dark: bool) -> None:
    """The list with its ticks, the place to drop files with what was refused, and a page with its highlights."""
    page, _ = open_page(opened, width=width, dark=dark)
    page.set_input_files("#files", [{"name": "bad.txt", "mimeType": "text/plain", "buffer": b"\x89PNG\r\n\x1a\n"}])
    page.locator(".drop .wrong").wait_for()
    findings = grave_findings(page, axe)
    ask(page, "When is the rent of the crane due?").locator(".cite a").first.click()
    page.locator(".sheet img").wait_for()
    findings += grave_findings(page, axe)
    assert findings == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing is wider than the screen"


def test_a_citation_opens_the_file_that_was_quoted(open_page: Open, tmp_path: Path) -> None:
    """Of two files with the same text, the one that was asked opens, from the answer and from the way back."""
    folder = write_corpus(tmp_path, {"a-light.txt": LIGHTHOUSE, "z-light.txt": LIGHTHOUSE})
    with served(FakeResponder(read_corpus(folder).documents, corpus_root=str(folder))) as where:
        page, _ = open_page(where)
        page.get_by_label("Ask a-light").uncheck()
        ask(page, "What was painted red in the year 1931?").locator(".cite a").first.click()
        page.locator("#source-text .inq").wait_for()
        assert "z-light.txt" in page.locator("#source-facts").text_content()
        page.locator("#all").click()
        page.locator(".documents a", has_text="a-light").click()
        page.wait_for_function("document.getElementById('source-facts').textContent.startsWith('a-light.txt')")
        page.go_back()
        page.go_back()
        page.wait_for_function("document.getElementById('source-facts').textContent.startsWith('z-light.txt')")


def test_the_focus_stays_in_the_list_when_it_is_rebuilt(open_page: Open, tmp_path: Path) -> None:
    """Who is ticking by keyboard while the index changes goes on where they were."""
    folder = write_corpus(tmp_path, {"lease.pdf": LEASE, "notes.txt": LIGHTHOUSE})
    responder = FakeResponder(read_corpus(folder).documents, corpus_root=str(folder))
    with served(responder) as where:
        page, _ = open_page(where)
        page.fill("#question", "Please wait: is the crane red?")
        page.keyboard.press("Enter")
        page.get_by_label("Ask notes").focus()
        page.evaluate("window.before = document.activeElement")
        write_corpus(folder, {"a-first.txt": "The crane is green."})
        responder.documents, responder.generation = read_corpus(folder).documents, "other"
        responder.go.set()
        page.wait_for_function("!window.before.isConnected")
        assert page.locator(".documents li").count() == 3
        assert page.evaluate("document.activeElement.labels[0].textContent") == "Ask notes"


def test_the_tick_of_a_lost_file_is_lost(open_page: Open, responder: FakeResponder) -> None:
    """A file that was unticked and is held no longer counts nowhere."""
    with pytest.MonkeyPatch.context() as patch, served(responder, allow_upload=True) as where:
        page, _ = open_page(where)
        page.set_input_files("#files", [{"name": "bread.txt", "mimeType": "text/plain", "buffer": b"Loaves."}])
        page.get_by_label("Ask bread").uncheck()
        assert page.get_attribute("#question", "placeholder") == "Ask 2 of 3 documents"
        assert page.locator("#source-facts").text_content() == "2 documents, and 1 of yours"
        patch.setattr("bot.page.uploads._IDLE_S", -1)
        other, _ = open_page(where)
        other.set_input_files("#files", [{"name": "other.txt", "mimeType": "text/plain", "buffer": b"Others."}])
        other.locator(".documents li", has_text="other").wait_for()
        ask(page, "When is the rent of the crane due?")
        page.locator(".documents li", has_text="bread").wait_for(state="detached")
        assert page.get_attribute("#question", "placeholder") == "Ask the documents"


def test_an_attachment_that_cannot_be_read_is_told(open_page: Open, opened: str) -> None:
    """A mail is taken although what is attached to it is damaged; the page says what is missing."""
    page, _ = open_page(opened)
    mail = eml_of("The harbour is deep.", {"lease.pdf": b"no PDF"})
    page.set_input_files("#files", [{"name": "m.eml", "mimeType": "message/rfc822", "buffer": mail}])
    page.locator(".documents li", has_text="m.eml").wait_for()
    assert page.locator(".drop .wrong").all_text_contents() == ["m.eml/lease.pdf: damaged: is named .pdf but is no PDF"]
