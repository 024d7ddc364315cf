"""Everything else that a person does on the page."""

import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from gradio.context import Context

from bot.answer import Answer, Occurrence, Quote
from bot.page.users import Secret, Users
from index.records import Span
from tests.browser.conftest import CALLS, Held, drawn, served, until
from tests.browser.fakes import FakeResponder, make_document
from tests.browser.test_main_path import QUESTION, ask

pytestmark = [pytest.mark.browser, pytest.mark.real]
Open = Callable[..., tuple[Any, Any]]


def test_the_page_starts_however_late_its_script_comes(open_page: Open, address: str) -> None:
    """On a slow line, Gradio's scripts may be there long before the page's own, without which it cannot start."""
    page, seen = open_page(address)
    held: list[Any] = []
    page.route("**/quoth/page.js?*", lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks it
    page.reload(wait_until="commit")
    until(page, lambda: len(held) == 1)
    page.wait_for_timeout(1_000)  # in which Gradio started without it
    assert page.locator("#first").is_visible()
    held[0].continue_()
    ask(page, QUESTION)
    assert seen.complaints == []


def test_a_citation_is_copied_in_one_line(open_page: Open, address: str) -> None:
    """One click puts the quote and where it stands on the clipboard, and says so."""
    page, _ = open_page(address)
    turn = ask(page, QUESTION)
    turn.locator("button.copy").first.click()
    page.wait_for_function("document.getElementById('announce').textContent === 'Copied'")
    copied = page.evaluate("navigator.clipboard.readText()")
    said = " ".join(turn.locator(".said").first.text_content().split())
    assert re.fullmatch(rf"“{re.escape(said)}” \(Putin’s Pivot.*, paragraph \d+; putins-pivot\.txt, .*\)", copied)


def test_copying_works_without_the_clipboard_of_https(open_page: Open, address: str) -> None:
    """Where the browser has no clipboard to offer, the older way is taken."""
    page, _ = open_page(address)
    turn = ask(page, QUESTION)
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no')); }")
    turn.locator("button.copy").first.click()
    page.wait_for_function("document.getElementById('announce').textContent === 'Copied'")


def test_a_shared_address_opens_the_same_place(open_page: Open, address: str, essay: FakeResponder) -> None:
    """The address of an opened citation, opened by somebody else, highlights the same characters."""
    page, _ = open_page(address)
    ask(page, QUESTION).locator(".cite a").first.click()
    page.locator("#source-text .inq").wait_for()
    other, seen = open_page(page.url)
    highlighted = other.locator("#source-text .inq")
    highlighted.wait_for()
    assert highlighted.text_content() == page.locator("#source-text .inq").text_content()
    assert other.locator("#source-title").text_content() == essay.documents[0].title
    assert seen.complaints == []


@pytest.mark.parametrize(
    ("fragment", "words"),
    [
        ("#cite:000000000000:0:10", "has changed"),
        ("#cite:0e4aa2289c97:0:99999999", "doesn’t name a place"),
        ("#cite:<img src=x onerror=alert(1)>", "doesn’t name a place"),
    ],
)
def test_an_address_that_finds_nothing_says_so(open_page: Open, address: str, fragment: str, words: str) -> None:
    """A citation of a text that is no longer there is told from a wrong address; neither shows other words."""
    page, _ = open_page(address + "/" + fragment)
    page.wait_for_function("document.getElementById('source-message').textContent !== ''")
    assert words in page.locator("#source-message").text_content()
    assert page.locator("#source-text").text_content() == ""


def test_the_way_back_leads_through_what_was_opened(open_page: Open, address: str) -> None:
    """The browser's back button returns to the place before."""
    page, _ = open_page(address)
    turn = ask(page, QUESTION)
    turn.locator(".cite a").first.click()
    page.locator("#source-text .inq").wait_for()
    first = page.url
    marked = "document.querySelector('#source-text .inq mark')?.textContent"
    before = page.evaluate(marked)
    page.keyboard.press("n")
    # The address changes before the server has answered, the marked words after.
    page.wait_for_function(f"words => {marked} && {marked} !== words", arg=before)
    page.wait_for_url(lambda url: url != first)
    second = page.evaluate(marked)
    page.go_back()
    page.wait_for_function(f"words => {marked} !== words", arg=second)
    page.wait_for_url(first)
    assert page.evaluate(marked) == turn.locator(".quote mark").first.text_content(), "the answer is marked as before"
    assert turn.locator(".cite a").first.get_attribute("aria-current") == "true"
    page.keyboard.press("n")
    page.wait_for_function(f"words => {marked} === words", arg=second)
    page.go_back()
    page.go_back()
    page.locator(".documents").wait_for()
    assert page.locator("a[aria-current]").count() == 0


def test_keys_lead_from_quote_to_quote_and_back(open_page: Open, address: str) -> None:
    """`n` and `p` go through the quotes of the answer, Escape returns to the citation, folded or not."""
    page, _ = open_page(address)
    turn = ask(page, QUESTION)
    said = [" ".join(text.split()) for text in turn.locator(".said").all_text_contents()]
    assert len(said) == 3
    turn.locator(".cite a").first.click()

    def shows(words: str) -> None:
        page.wait_for_function(
            "words => [...document.querySelectorAll('#source-text .inq')].map(n => n.textContent).join('') === words",
            arg=words,
        )

    shows(said[0])
    page.keyboard.press("n")
    shows(said[1])
    page.keyboard.press("n")
    shows(said[2])
    page.keyboard.press("n")
    shows(said[0])
    page.keyboard.press("p")
    shows(said[2])
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.matches('.turn details[open] .cite a')")


def test_everything_is_reached_by_keyboard(open_page: Open, address: str) -> None:
    """Without a mouse: ask, go to the citation, open it, and see where the focus is all along."""
    page, _ = open_page(address)
    page.keyboard.type(QUESTION)
    page.keyboard.press("Enter")
    page.locator(".turn article").first.wait_for()
    page.wait_for_function("document.getElementById('stop').hidden")
    reached = []
    for _ in range(40):
        page.keyboard.press("Shift+Tab")
        here = page.evaluate(
            """() => { const e = document.activeElement; const s = getComputedStyle(e);
            return { what: e.id || e.className || e.tagName, outline: s.outlineStyle, width: s.outlineWidth } }"""
        )
        reached.append(here["what"])
        assert here["outline"] != "none", here
        assert here["width"] != "0px", here
        if page.evaluate("document.activeElement.matches('.turn .cite a')"):
            break
    page.keyboard.press("Enter")
    page.locator("#source-text .inq").wait_for()
    page.wait_for_function("document.activeElement.matches('#source-text .inq')")
    assert "copy" in reached


def test_a_question_can_be_stopped(open_page: Open, sky: FakeResponder, sky_address: str) -> None:
    """While an answer is awaited the page says so; stopped, its answer never appears and counts for nothing."""
    page, _ = open_page(sky_address)
    page.fill("#question", "Please wait: is the sky blue?")
    page.keyboard.press("Enter")
    page.locator(".waiting").wait_for()
    assert page.locator("#stop").is_visible()
    assert page.locator(".turn").get_attribute("aria-busy") == "true"
    page.locator("#stop").click()
    assert page.locator(".turn .verdict").text_content() == "Stopped."
    sky.go.set()
    turn = ask(page, "And is grass green?")
    assert ("And is grass green?", None) in sky.asked
    assert turn.locator(".said").first.text_content() == "Grass is green."
    assert page.locator(".turn").count() == 2


def test_clearing_forgets(open_page: Open, address: str, essay: FakeResponder) -> None:
    """After clearing, the page is as on the first visit, its source too, and a follow-up has nothing to follow."""
    page, _ = open_page(address)
    ask(page, QUESTION).locator(".cite a").first.click()
    page.locator("#source-text .inq").wait_for()
    page.locator("#clear").click()
    page.wait_for_function("document.querySelectorAll('.turn').length === 0")
    assert page.locator("#welcome").is_visible()
    assert page.locator("#source-title").text_content() == "Documents"
    assert not page.locator("#source-tools").is_visible()
    page.wait_for_url(lambda url: "#" not in url)
    ask(page, "And after clearing?")
    assert ("And after clearing?", None) in essay.asked


def test_asking_by_a_button_keeps_the_focus_in_the_page(open_page: Open, address: str) -> None:
    """Who presses Ask by keyboard can go on typing: the button hides, and focus goes to the question."""
    page, _ = open_page(address)
    page.fill("#question", QUESTION)
    page.locator("#send").focus()
    page.keyboard.press("Enter")
    page.locator(".turn article").first.wait_for()
    assert page.evaluate("document.activeElement.id") == "question"


def test_a_conversation_is_saved_as_markdown(open_page: Open, address: str, tmp_path: Path) -> None:
    """The file holds every question and quote with its citation, refusals too."""
    page, _ = open_page(address)
    said = ask(page, QUESTION).locator(".said").first.text_content()
    ask(page, "Zebras?")
    with page.expect_download() as download:
        page.locator("#save").click()
    file = tmp_path / "saved.md"
    download.value.save_as(file)
    assert download.value.suggested_filename == "quoth.md"
    text = re.sub(r"\\(.)", r"\1", file.read_text("utf-8"))
    assert f"## {QUESTION}" in text
    assert " ".join(said.split()) in text
    assert "cite:0e4aa2289c97:" in text
    assert "## Zebras?" in text
    assert "The documents don’t answer this." in text


def test_examples_come_from_the_documents_and_can_be_clicked(open_page: Open, address: str) -> None:
    """A first visit offers questions; a click asks one and gets an answer."""
    page, _ = open_page(address)
    example = page.locator("#examples button").first
    example.wait_for()
    words = example.text_content()
    example.click()
    page.locator(".turn article.quote").first.wait_for()
    assert page.locator(".turn .asked .words").text_content() == words


def test_a_server_that_is_gone_is_noticed(open_page: Open, sky: FakeResponder) -> None:
    """Nobody waits for ever: when the server has gone, the page says so."""
    with served(sky) as where:
        page, _ = open_page(where)
        page.fill("#question", "Please wait: is the sky blue?")
        page.keyboard.press("Enter")
        page.locator(".waiting").wait_for()
    page.locator("article.error").wait_for()
    assert page.locator("#send").is_visible()
    sky.go.set()


def test_stopping_the_server_is_quiet(open_page: Open, sky: FakeResponder, capfd: pytest.CaptureFixture[str]) -> None:
    """With tabs still open, ending the server takes no force and prints no traceback."""
    with served(sky) as where:
        for _ in range(2):
            page, _ = open_page(where)
            ask(page, "Is the sky blue?")
    assert capfd.readouterr().err == ""


def test_a_book_opens_in_the_middle_and_grows_both_ways(open_page: Open) -> None:
    """Of a 3 MB document only the surroundings of a quote are sent; more comes on demand, without a jump."""
    paragraphs = [f"Paragraph {n} begins. " + "Words of no account follow here. " * 20 for n in range(4_500)]
    paragraphs[2_000] = "Here lies the buried treasure chest."
    book = make_document("A Book\n\n" + "\n\n".join(paragraphs), "book.txt")
    assert len(book.text) > 3_000_000
    start = book.text.index("Here lies")
    question = "Where is the treasure?"
    answer = Answer(question, question, "answered", 0.5, quotes=(Quote(book, Span(start, start + 36), 0.9),))
    with served(FakeResponder((book,), {question: answer})) as where:
        page, _ = open_page(where)
        ask(page, question).locator(".cite a").first.click()
        shown = page.locator("#source-text .inq")
        shown.wait_for()
        assert shown.text_content() == "Here lies the buried treasure chest."
        assert len(page.locator("#source-text").text_content()) < 40_000
        before = page.locator("#source-text p").count()
        y = shown.bounding_box()["y"]
        page.locator(".wider", has_text="earlier").dispatch_event("click")
        page.wait_for_function("n => document.querySelectorAll('#source-text p').length > n", arg=before)
        assert abs(shown.bounding_box()["y"] - y) < 2
        first = page.locator("#source-text p").first.text_content()
        page.locator(".wider", has_text="later").dispatch_event("click")
        page.wait_for_function("n => document.querySelectorAll('#source-text p').length > n + 8", arg=before)
        numbers = [int(n) for n in page.locator("#source-text p").evaluate_all("all => all.map(p => p.dataset.number)")]
        assert numbers == list(range(numbers[0], numbers[-1] + 1))
        assert first.startswith(f"Paragraph {numbers[0] - 1} ")


def test_two_people_do_not_see_each_other(open_page: Open, address: str) -> None:
    """Two browsers at once: each has its own questions, answers and export."""
    one, _ = open_page(address)
    two, _ = open_page(address)
    ask(one, QUESTION)
    ask(two, "Zebras?")
    assert "Zebras" not in one.locator("#log").text_content()
    assert "oil imports" not in two.locator("#log .asked").text_content()
    with two.expect_download() as download:
        two.locator("#save").click()
    assert "oil" not in Path(download.value.path()).read_text("utf-8").split("##")[1].split("\n")[0]


def test_a_late_answer_to_a_stopped_question_is_not_shown(
    open_page: Open, sky: FakeResponder, sky_address: str
) -> None:
    """A new question asked at once after stopping gets its own answer only."""
    page, _ = open_page(sky_address)
    page.fill("#question", "Please wait: is the sky blue?")
    page.keyboard.press("Enter")
    page.locator("#stop").click()
    threading.Timer(0.3, sky.go.set).start()
    turn = ask(page, "Is grass green?")
    assert turn.locator(".asked .words").text_content() == "Is grass green?"
    assert turn.locator(".said").first.text_content() == "Grass is green."


@pytest.mark.parametrize("key", ["Escape", "Stop"])
def test_a_question_stopped_at_once_counts_for_nothing(
    open_page: Open, sky: FakeResponder, sky_address: str, key: str
) -> None:
    """Stopped before the server has said a word, it is answered all the same; nothing later knows of it."""
    page, _ = open_page(sky_address)
    with page.expect_response(lambda response: "Is the sky" in (response.request.post_data or "")):
        page.evaluate(
            """key => {
              const question = document.getElementById("question");
              question.value = "Is the sky blue today?";
              document.getElementById("ask").requestSubmit();
              if (key === "Stop") document.getElementById("stop").click();
              else question.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true })); }""",
            key,
        )
    assert page.locator(".turn .verdict").text_content() == "Stopped."
    assert page.locator("#save").is_disabled()
    turn = ask(page, "And is grass green?")
    assert ("Is the sky blue today?", None) in sky.asked, "the server was asked"
    assert ("And is grass green?", None) in sky.asked
    assert turn.locator(".note").count() == 0
    assert "Is the sky" not in saved(page)


def test_a_late_answer_overwrites_nothing(open_page: Open, sky: FakeResponder, sky_address: str) -> None:
    """A stopped question whose answer comes after the next one's: the next one is what is followed and saved."""
    page, _ = open_page(sky_address)
    page.evaluate(
        """() => {
          document.getElementById("question").value = "Please wait: is the sky blue?";
          document.getElementById("ask").requestSubmit();
          document.getElementById("stop").click(); }"""
    )
    ask(page, "Is grass green?")
    with page.expect_response(lambda response: "Please wait" in (response.request.post_data or "")):
        sky.go.set()
    ask(page, "And the sky?")
    assert ("And the sky?", "Is grass green?") in sky.asked
    text = saved(page)
    assert "Please wait" not in text
    assert text.index("## Is grass green?") < text.index("## And the sky?")


def test_a_blank_question_is_not_asked(open_page: Open, sky: FakeResponder, sky_address: str) -> None:
    """Enter in an empty field does nothing."""
    page, _ = open_page(sky_address)
    for blank in ("", "   "):
        page.fill("#question", blank)
        page.keyboard.press("Enter")
    ask(page, "Is grass green?")
    assert page.locator(".turn").count() == 1
    assert "" not in {question.strip() for question, _ in sky.asked}


def saved(page: Any) -> str:
    """Saves the conversation -> the file, without its escapes."""
    with page.expect_download() as download:
        page.locator("#save").click()
    return re.sub(r"\\(.)", r"\1", Path(download.value.path()).read_text("utf-8"))


def test_who_was_signed_out_is_told(open_page: Open, sky: FakeResponder) -> None:
    """Once the visit is over, asking, opening a source and saving say so; a reload leads to the form."""
    with served(sky, Users({"anna": Secret.of("correct horse")})) as where:
        page, _ = open_page(where)
        page.fill("#name", "anna")
        page.fill("#password", "correct horse")
        page.keyboard.press("Enter")
        page.locator("#question").wait_for()
        ask(page, "Is grass green?")
        page.context.clear_cookies()
        assert ask(page, "Is the sky blue?").locator("article").text_content() == (
            "You have been signed out.Reload to sign in."
        )
        page.locator(".turn .cite a").first.click()
        page.wait_for_function("document.getElementById('source-message').textContent.startsWith('You have been')")
        page.locator("#save").click()
        page.wait_for_function("document.getElementById('notice').textContent.startsWith('You have been')")
        page.locator(".toast-wrap").wait_for(state="attached")
        assert not page.locator(".toast-wrap").is_visible(), "Gradio's own word for it would only confuse"
        page.reload()
        page.locator("#password").wait_for()


def test_a_conversation_that_was_lost_is_told(
    open_page: Open, sky: FakeResponder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the server was restarted, the next answer, once, and the file say that what is above is not remembered."""
    lost = "What was asked before is no longer remembered."
    monkeypatch.setattr(Context, "id", 1_000)  # as in a process of its own, both begin to count alike
    with served(sky) as where:
        page, _ = open_page(where)
        ask(page, "Is grass green?")
    monkeypatch.setattr(Context, "id", 1_000)
    with served(sky, port=urlsplit(where).port or 0):
        turn = ask(page, "And the sky?")
        assert ("And the sky?", None) in sky.asked
        assert turn.locator(".note").text_content() == lost
        assert "no longer" not in ask(page, "And is grass green?").text_content()
        assert ("And is grass green?", "And the sky?") in sky.asked
        text = saved(page)
        assert text.count(lost) == 1
        assert text.count("## ") == 2
        page.locator("#clear").click()
        page.locator("#welcome").wait_for()
        assert ask(page, "And the sky?").locator(".note").count() == 0


def test_a_page_of_another_server_says_so(open_page: Open, sky: FakeResponder) -> None:
    """Where another version was started meanwhile, which the page does not fit, it says to reload."""
    with served(sky) as where:
        page, _ = open_page(where)
        ask(page, "Is grass green?")
    with served(sky, port=urlsplit(where).port or 0):
        turn = ask(page, "And the sky?")
        assert turn.locator("article").text_content() == "Quoth was started again.Reload this page."
        page.locator("#save").click()
        page.wait_for_function("document.getElementById('notice').textContent.startsWith('Quoth was started again')")


def test_a_reload_says_what_it_lost(open_page: Open, sky_address: str) -> None:
    """A reload begins anew, and says so where there was something; after clearing, nothing was lost."""
    page, _ = open_page(sky_address)
    assert not page.locator("#notice").is_visible()
    ask(page, "Is grass green?")
    page.reload()
    page.locator("#notice").wait_for()
    assert page.locator("#notice").text_content() == "What was asked before is no longer remembered."
    ask(page, "Is grass green?")
    assert not page.locator("#notice").is_visible()
    page.locator("#clear").click()
    page.locator("#welcome").wait_for()
    page.reload()
    page.locator("#first").wait_for(state="detached")
    assert not page.locator("#notice").is_visible()


def test_a_user_signs_in_asks_and_signs_out(open_page: Open, sky: FakeResponder) -> None:
    """Behind the form is the same page, and a way out."""
    with served(sky, Users({"anna": Secret.of("correct horse")})) as where:
        page, seen = open_page(where)
        page.fill("#name", "anna")
        page.fill("#password", "wrong horse")
        page.keyboard.press("Enter")
        page.wait_for_function("document.querySelector('.wrong').textContent !== ''")
        assert page.locator("#name").input_value() == "anna"
        page.fill("#password", "correct horse")
        page.keyboard.press("Enter")
        page.locator("#question").wait_for()
        seen.complaints.clear()  # the browser notes that the form came with "401"
        assert ask(page, "Is grass green?").locator(".said").first.text_content() == "Grass is green."
        assert seen.complaints == []
        page.locator("#leave").click()
        page.locator("#password").wait_for()


def test_a_shared_address_survives_signing_in(open_page: Open, sky: FakeResponder) -> None:
    """Who is sent a citation and has to sign in first, wrong at first, still comes to the place."""
    document = sky.documents[0]
    with served(sky, Users({"anna": Secret.of("correct horse")})) as where:
        page, _ = open_page(f"{where}/#cite:{document.sha256[:12]}:9:31")
        for password in ("wrong horse", "correct horse"):
            page.fill("#name", "anna")
            page.fill("#password", password)
            with page.expect_navigation():
                page.keyboard.press("Enter")
        assert page.locator("#source-text .inq").text_content() == "The sky is blue today."


def test_a_page_that_is_too_busy_says_so(open_page: Open, sky: FakeResponder, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who finds the queue full is told in the turn itself, and can ask again."""
    monkeypatch.setattr("bot.page.talk._MAX_WAITING", 1)
    monkeypatch.setattr("bot.page.talk._AT_ONCE", 1)
    with served(sky) as where:
        first, *others = [open_page(where)[0] for _ in range(3)]
        first.fill("#question", "Please wait: is the sky blue?")
        first.keyboard.press("Enter")
        until(first, lambda: any("Please wait" in question for question, _ in sky.asked))
        for page in others:
            page.fill("#question", "Please wait: is the sky blue?")
            page.keyboard.press("Enter")
        # One of them waits for its turn; for the other one, whichever comes later, there is no room.
        until(first, lambda: any(page.locator("article.error").count() for page in others))
        [failed] = [page for page in others if page.locator("article.error").count()]
        assert failed.locator("article.error .verdict").text_content() == "No answer came."
        sky.go.set()
        first.locator(".turn article.quote").first.wait_for()
        assert ask(failed, "Is grass green?").locator(".said").first.text_content() == "Grass is green."


def test_a_question_asked_in_the_same_moment_as_another_is_stopped_is_answered(
    open_page: Open, sky: FakeResponder, sky_address: str
) -> None:
    """What stops the older question never reaches the newer one."""
    page, _ = open_page(sky_address)
    page.fill("#question", "Please wait: is the sky blue?")
    page.keyboard.press("Enter")
    until(page, lambda: any("Please wait" in question for question, _ in sky.asked))
    page.evaluate(
        """() => {
          document.getElementById("stop").click();
          document.getElementById("question").value = "Is grass green?";
          document.getElementById("ask").requestSubmit();
        }"""
    )
    sky.go.set()
    turn = page.locator(".turn").nth(1)
    assert turn.locator(".said").first.text_content() == "Grass is green."


def test_a_question_asked_right_after_clearing_is_answered(
    open_page: Open, sky: FakeResponder, sky_address: str
) -> None:
    """Clearing takes effect at once: what is asked in the same moment belongs to the new conversation."""
    page, _ = open_page(sky_address)
    ask(page, "Is grass green?")
    with page.expect_response(lambda response: "forget_conversation" in (response.request.post_data or "")):
        page.evaluate(
            """() => {
              document.getElementById("clear").click();
              document.getElementById("question").value = "And is the sky blue?";
              document.getElementById("ask").requestSubmit();
            }"""
        )
    turn = page.locator(".turn")
    assert "The sky is blue today." in turn.locator("article").first.text_content()
    drawn(page)
    assert turn.count() == 1
    assert ("And is the sky blue?", None) in sky.asked
    assert "grass" not in saved(page)


def test_a_failure_is_laid_to_no_other_question(open_page: Open, sky: FakeResponder, sky_address: str) -> None:
    """Where the server fails to take an older, stopped question or to save, the one awaited is not said to fail."""
    page, _ = open_page(sky_address)
    page.route(
        CALLS,
        lambda route: route.abort() if "older" in (route.request.post_data or "") else route.continue_(),
    )
    with page.expect_response("**/app_id"):  # by which the page finds out why the older one failed
        page.evaluate(
            """() => {
              document.getElementById("question").value = "The older one?";
              document.getElementById("ask").requestSubmit();
              document.getElementById("stop").click();
              document.getElementById("question").value = "Please wait: is the sky blue?";
              document.getElementById("ask").requestSubmit();
            }"""
        )
    drawn(page)
    assert page.locator("article.error").count() == 0
    sky.go.set()
    assert "The sky is blue" in page.locator(".turn").nth(1).locator("article").first.text_content()


def test_a_source_that_comes_late_is_not_shown(open_page: Open, address: str) -> None:
    """Of two citations opened one after the other, the later one stays, whichever comes first."""
    page, _ = open_page(address)
    turn = ask(page, QUESTION)
    late = Held(page, CALLS, "open_source")
    turn.locator(".more > summary").click()
    first, second = turn.locator("article > .cite a").all()[:2]
    first.click()
    second.click()
    late.let_go(1)
    page.locator("#source-text .inq").wait_for()
    shown = page.locator("#source-text .inq").first.text_content()
    late.let_go(0)
    assert page.locator("#source-text .inq").first.text_content() == shown
    assert second.get_attribute("aria-current") == "true"


def test_a_source_that_comes_late_leaves_the_focus(open_page: Open, address: str) -> None:
    """Who types the next question before the source is there goes on typing; the source is shown all the same."""
    page, _ = open_page(address)
    turn = ask(page, QUESTION)
    late = Held(page, CALLS, "open_source")
    turn.locator(".cite a").first.click()
    page.locator("#question").focus()
    late.let_go()
    page.locator("#source-text .inq").wait_for()
    page.keyboard.type("new")
    assert page.locator("#question").input_value() == "new"


def test_the_focus_does_not_fall_with_the_stop_button(open_page: Open, sky: FakeResponder, sky_address: str) -> None:
    """Who stands on Stop when the answer comes is brought back to the question."""
    page, _ = open_page(sky_address)
    page.fill("#question", "Please wait: is the sky blue?")
    page.keyboard.press("Enter")
    page.locator("#stop").focus()
    assert page.evaluate("document.activeElement.id") == "stop"
    sky.go.set()
    page.locator(".turn article").first.wait_for()
    assert page.evaluate("document.activeElement.id") == "question"


def test_a_finger_leaves_the_focus_on_the_turn(browser: Any, sky: FakeResponder, sky_address: str) -> None:
    """On a phone, neither the keyboard is called up nor is the focus lost, while waiting and afterwards."""
    context = browser.new_context(has_touch=True, is_mobile=True, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(sky_address)
    page.fill("#question", "Please wait: is the sky blue?")
    page.locator("#send").tap()
    page.wait_for_function("document.activeElement.className === 'turn'")
    sky.go.set()
    page.locator(".turn article").first.wait_for()
    assert page.evaluate("document.activeElement.className") == "turn"
    context.close()


def test_from_also_in_the_keys_go_on(open_page: Open, sky: FakeResponder, sky_address: str) -> None:
    """A copy of a quote that was opened stands, for "next" and "previous", where the quote does."""
    one, two = (make_document(f"A title\n\nThe sky is blue. {more}", f"{more}txt") for more in ("One.", "Two."))
    sky.documents = (one, two)
    blue, copy, other = Span(9, 25), Occurrence(two, Span(9, 25)), Span(26, 30)
    quotes = (Quote(one, blue, 0.9, also_in=(copy,)), Quote(one, other, 0.8))
    sky.scripted["Sky?"] = Answer("Sky?", "Sky?", "answered", 0.5, quotes=quotes, reader="fake", index="fake")
    page, _ = open_page(sky_address)
    turn = ask(page, "Sky?")
    turn.locator(".also a").first.click()
    page.locator("#source-text .inq").wait_for()
    assert "Two.txt" in page.locator("#source-facts").text_content()
    page.keyboard.press("n")
    page.wait_for_function("document.querySelector('#source-text .inq')?.textContent === 'One.'")
