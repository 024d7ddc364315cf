"""The whole way with the real model: corpus, index, responder, page."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.respond import Responder, open_responder
from index.build import build_index
from index.encoder import load_encoder
from index.settings import IndexSettings
from tests.browser.conftest import CORPUS, served
from tests.browser.test_main_path import QUESTION, ask

pytestmark = [pytest.mark.browser, pytest.mark.real]


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Responder]]:
    """The essay, indexed and served."""
    folder: Path = tmp_path_factory.mktemp("index")
    build_index([CORPUS], folder, IndexSettings(), load_encoder)
    responder = open_responder(folder)
    with served(responder) as where:
        yield where, responder


def test_the_essay_answers_in_its_own_words(
    open_page: Callable[..., tuple[Any, Any]], real: tuple[str, Responder]
) -> None:
    """A real question gets a real quote, which a click shows where it stands; a foreign one is refused."""
    where, responder = real
    page, seen = open_page(where)
    turn = ask(page, QUESTION)
    said = turn.locator(".said").first.text_content()
    assert "six percent of Chinese oil imports" in said
    text = responder.snapshot.contents.documents[0].text
    assert said in text
    turn.locator(".cite a").first.click()
    highlighted = page.locator("#source-text .inq")
    highlighted.wait_for()
    assert highlighted.text_content() == said
    refused = ask(page, "How do I prune a cherry tree?")
    assert refused.locator("article.refusal").is_visible()
    assert refused.locator("article.quote").count() == 0
    assert "an answer needs" in refused.locator(".why").text_content()
    assert seen.complaints == []


def test_examples_of_the_essay_are_answered(
    open_page: Callable[..., tuple[Any, Any]], real: tuple[str, Responder]
) -> None:
    """What the page offers to a first visitor, the essay answers."""
    page, _ = open_page(real[0])
    example = page.locator("#examples button").first
    example.wait_for(timeout=120_000)
    example.click()
    page.locator(".turn article.quote").first.wait_for()
