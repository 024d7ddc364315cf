"""The page over plain HTTP: what exists, who may ask, and fifty people at once."""

import json
import re
import secrets
import signal
import socket
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from bot.page import serve
from bot.page.listening import bind
from bot.page.users import Secret, Users
from index.errors import ServerError
from tests.browser.conftest import served
from tests.browser.fakes import FakeResponder, make_document

pytestmark = [pytest.mark.real]

PASSWORD = secrets.token_urlsafe(12)
FILES_OF_GRADIO = [
    *(
        "/gradio_api/upload",
        "/gradio_api/file=/etc/passwd",
        "/file=/etc/passwd",
        "/gradio_api/proxy=http://example.com/",
    ),
    *(
        "/gradio_api/openapi.json",
        "/docs",
        "/openapi.json",
        "/monitoring",
        "/gradio_api/vibe-code/",
        "/gradio_api/mcp/",
    ),
    *("/gradio_api/mcp/schema", "/gradio_api/runs", "/gradio_api/deep_link", "/gradio_api/run/ask", "/manifest.json"),
    *("/gradio_api/queue/join", "/gradio_api/queue/data", "/gradio_api/cancel", "/gradio_api/reset"),
    *("/login", "/logout"),
    *("/gradio_api/call/ask", "/gradio_api/dev/reload", "/gradio_api/stream/x", "/quoth/page.html", "/static/../../x"),
    *("/quoth/../app.py", "/assets/../config"),
]


def request(
    address: str, path: str, method: str = "GET", body: bytes | None = None, **headers: str
) -> tuple[int, dict[str, str], str]:
    """One request -> status, headers, body; headers are named with underscores for hyphens."""
    where = urlsplit(address)
    assert where.hostname is not None
    connection = HTTPConnection(where.hostname, where.port, timeout=60)
    try:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, named)
        response = connection.getresponse()
        return response.status, {k.lower(): v for k, v in response.getheaders()}, response.read().decode()
    finally:
        connection.close()


def test_health_is_told(address: str) -> None:
    """A monitor learns that the page is up and which index it serves."""
    status, _, body = request(address, "/healthz")
    assert status == 200
    assert json.loads(body) == {"status": "ok", "index": "fake"}


@pytest.mark.parametrize("path", FILES_OF_GRADIO)
def test_only_what_the_page_needs_exists(address: str, path: str) -> None:
    """Uploads, files, proxies, editors and schemas of Gradio's are not there at all."""
    assert request(address, path)[0] == 404
    assert request(address, path, "POST", b"{}")[0] == 404


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:7860", "localhost.evil.example", "127.0.0.1.evil.example", "", "[", "8.8.8.8"],
)
def test_a_foreign_host_is_refused(address: str, host: str) -> None:
    """A page of somebody else's whose name was pointed here (DNS rebinding) gets nothing."""
    for path in ("/", "/healthz", "/config", "/gradio_api/component_server/"):
        assert request(address, path, Host=host)[0] == 421
    assert request(address, "/", X_Forwarded_Host=host)[0] == 421


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "LOCALHOST:1", "[::1]:7860", "127.0.0.2"])
def test_names_of_this_machine_are_answered(address: str, host: str) -> None:
    """Loopback has several names."""
    assert request(address, "/healthz", Host=host)[0] == 200


def test_further_names_are_answered() -> None:
    """Behind a proxy, or under a name in the office's network: what was said with --name."""
    with served(FakeResponder((make_document("A title\n\nThe sky is blue."),)), names=["quotes.example"]) as where:
        assert request(where, "/healthz", Host="quotes.example")[0] == 200
        assert request(where, "/", Host="Quotes.example:443", X_Forwarded_Host="quotes.example")[0] == 200
        assert request(where, "/healthz", Host="evil.example")[0] == 421


def test_another_site_may_not_ask(address: str) -> None:
    """A request that a browser sends for another site is refused, whatever Gradio's own rules for origins are."""
    where = urlsplit(address).netloc
    assert request(address, "/gradio_api/component_server/", "POST", b"{}", Origin="https://evil.example")[0] == 403
    assert request(address, "/gradio_api/component_server/", "POST", b"{}", Origin="null")[0] == 403
    assert request(address, "/healthz", Origin=f"http://{where}")[0] == 200


@pytest.mark.parametrize("path", ["/", "/healthz", "/theme.css", "/quoth/page.js", "/config", "/nothing"])
def test_every_response_carries_the_headers(address: str, path: str) -> None:
    """No outside host, no inline script without the response's nonce, no sniffing, no framing, for whatever path."""
    _, headers, body = request(address, path)
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == "'none'"
    for directive, sources in policy.items():
        assert not any("." in source or "*" in source or source.startswith("http") for source in sources.split()), (
            directive
        )
    assert "'unsafe-inline'" not in policy["script-src"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"
    if path == "/":
        nonce = policy["script-src"].split("'nonce-")[1].split("'")[0]
        assert body.count("<script") == body.count(f'<script nonce="{nonce}"')
        assert nonce not in request(address, path)[1]["content-security-policy"]


@pytest.mark.parametrize("query", ["deep_link=../../etc/passwd", "view=api", "page=x", "__theme=dark&a=<script>"])
def test_the_page_takes_no_parameters(address: str, query: str) -> None:
    """What Gradio would read from the query is not passed on: the page is the same."""
    status, _, body = request(address, f"/?{query}")
    nonce = re.compile(r'nonce="[^"]+"')
    assert status == 200
    assert nonce.sub("", body) == nonce.sub("", request(address, "/")[2])


def test_a_head_without_a_body_is_answered(address: str) -> None:
    """Monitors ask for the head only."""
    status, headers, body = request(address, "/", "HEAD")
    assert (status, body) == (200, "")
    assert "content-security-policy" in headers


def test_a_body_without_end_is_refused(address: str) -> None:
    """Nobody fills the memory of the server: bodies are limited, and must say how long they are."""
    assert request(address, "/gradio_api/component_server/", "POST", b"", Content_Length=str(10**12))[0] == 413
    assert request(address, "/gradio_api/component_server/", "POST", b"", Transfer_Encoding="chunked")[0] == 413


def test_a_port_in_use_is_one_clear_line(essay: FakeResponder) -> None:
    """`serve` raises what the command line prints: the port and what to do."""
    with bind("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ServerError, match=rf"^port {port} is in use; choose another with --port$"):
            serve(essay, port=port)


@pytest.mark.parametrize(
    ("host", "port", "words"),
    [
        ("127.0.0.1", 70_000, "--port"),
        ("127.0.0.1", -1, "--port"),
        ("0.0.0.0", 0, "--auth-file"),  # noqa: S104 - refused is the point
        ("::", 0, "--auth-file"),
    ],
)
def test_an_address_that_will_not_do_is_refused(essay: FakeResponder, host: str, port: int, words: str) -> None:
    """One line that names the option; whoever opens the page to others must say who may come in."""
    with pytest.raises(ServerError, match=words):
        serve(essay, host, port)


def test_the_page_names_no_outside_host(address: str) -> None:
    """Not even in a tag that nothing follows."""
    body = request(address, "/")[2]
    named = set(re.findall(r"https?://([\w.-]+)", body))
    # Gradio's configuration names where its own releases and spaces are; nothing of the page follows it.
    assert named <= {"127.0.0.1"}, named


def test_serving_announces_when_it_listens_and_ends_quietly() -> None:
    """The address is printed once it can be opened; Ctrl-C, with a stream open, ends without a traceback."""
    program = (
        "from bot.page import serve; from tests.browser.fakes import FakeResponder, make_document; "
        "serve(FakeResponder((make_document('A title\\n\\nThe sky is blue.'),)), port=0)"
    )
    root = Path(__file__).parents[2]
    with Popen([sys.executable, "-uc", program], cwd=root, stdout=PIPE, stderr=PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("Quoth is at http://127.0.0.1:")
        where = line.split()[-1]
        assert request(where, "/healthz")[0] == 200
        with socket.create_connection(("127.0.0.1", urlsplit(where).port), timeout=30) as stream:
            stream.sendall(b"GET /gradio_api/heartbeat/abc HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            assert b"200" in stream.recv(100)
            process.send_signal(signal.SIGINT)
            out, error = process.communicate(timeout=60)
    assert (process.returncode, out, error) == (0, "", "")


class Person:
    """A tab's side of the page's protocol, over HTTP."""

    def __init__(self, address: str, config: dict[str, Any]) -> None:
        self.address = address
        self._conversation = secrets.token_hex(16)
        self._component = next(c["id"] for c in config["components"] if c["type"] == "html")
        self._asked = 0

    def ask(self, question: str, shown: Any = None) -> str:
        """A question -> the turn's HTML; all turns before it are shown unless told otherwise."""
        shown = [*range(1, self._asked + 1)] if shown is None else shown
        self._asked += 1
        sent = {"question": question, "number": self._asked, "shown": shown, "conversation": self._conversation}
        body = json.dumps(
            {"data": sent, "component_id": self._component, "fn_name": "ask_question", "session_hash": "x"}
        ).encode()
        path = "/gradio_api/component_server/"
        status, _, text = request(self.address, path, "POST", body, Content_Type="application/json")
        assert status == 200, text
        html = str(json.loads(text)["html"])
        assert f'data-number="{self._asked}"' in html
        return html


def test_fifty_people_at_once_have_conversations_of_their_own() -> None:
    """Fifty sessions with four questions each: all answered, each with its own question before it."""
    names = [f"person{n}" for n in range(50)]
    text = "A title\n\n" + "\n\n".join(f"The {name} sentence stands here for {name}." for name in names)
    responder = FakeResponder((make_document(text),))
    with served(responder) as where:
        config = json.loads(request(where, "/config")[2])

        def converse(name: str) -> list[str]:
            person = Person(where, config)
            first = person.ask(f"Where stands the {name} sentence?")
            return [first, *(person.ask(f"And {n} more for {name}?") for n in range(3))]

        with ThreadPoolExecutor(50) as crowd:
            turns = dict(zip(names, crowd.map(converse, names), strict=True))
    for name, four in turns.items():
        assert len(four) == 4
        for turn in four:
            assert f"sentence stands here for {name}." in turn.replace("<mark>", "").replace("</mark>", "")
    earlier = [(question, previous) for question, previous in responder.asked if previous is not None]
    assert len(earlier) == 150
    for question, previous in earlier:
        name = question.removesuffix("?").split()[-1]
        assert f"the {name} sentence" in previous
        assert {word for word in previous.replace("?", "").split() if word.startswith("person")} == {name}


@pytest.mark.parametrize("nonsense", ["1", {"1": 1}, [None, "1", 1.5, True, [1]], [-1, 0, 2**70], [2, 99]])
def test_nonsense_about_what_is_shown_is_ignored(sky: FakeResponder, sky_address: str, nonsense: Any) -> None:
    """Whatever a browser claims to show, it gets its answer, and no question of its own that it does not name."""
    person = Person(sky_address, json.loads(request(sky_address, "/config")[2]))
    person.ask("Is grass green?")
    assert "Grass is green." in person.ask("And is grass green?", nonsense).replace("<mark>", "").replace("</mark>", "")
    assert sky.asked[-1] == ("And is grass green?", None)


@pytest.fixture(scope="module")
def guarded() -> Iterator[str]:
    """A page with one user, anna."""
    responder = FakeResponder((make_document("A title\n\nThe sky is blue today."),))
    with served(responder, Users({"anna": Secret.of(PASSWORD)})) as where:
        yield where


def sign_in(address: str, name: str, password: str) -> tuple[int, dict[str, str], str]:
    """Posts the form."""
    form = urlencode({"name": name, "password": password}).encode()
    return request(address, "/login", "POST", form, Content_Type="application/x-www-form-urlencoded")


@pytest.mark.parametrize(
    "path",
    [
        "/config",
        "/theme.css",
        "/gradio_api/info",
        "/gradio_api/component_server/",
        "/assets/index-x.js",
        "/quoth/page.js",
    ],
)
def test_without_signing_in_nothing_is_served(guarded: str, path: str) -> None:
    """The form, the look of it and the health are all that a stranger gets."""
    assert request(guarded, path)[0] == 401
    status, _, body = request(guarded, "/")
    assert status == 401
    assert 'name="password"' in body
    assert "gradio" not in body
    assert request(guarded, "/healthz")[0] == 200
    assert request(guarded, "/quoth/page.css")[0] == 200


def test_a_user_comes_in_and_leaves(guarded: str) -> None:
    """The right password gives a cookie that scripts can't read and other sites don't send; leaving ends it."""
    status, headers, _ = sign_in(guarded, "anna", PASSWORD)
    assert (status, headers["location"]) == (303, "/")
    cookie = headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    held = cookie.split(";")[0]
    assert "gradio_config" in request(guarded, "/", Cookie=held)[2]
    assert request(guarded, "/logout", "POST", b"", Cookie=held)[0] == 200
    assert request(guarded, "/", Cookie=held)[0] == 401


@pytest.mark.parametrize(
    ("name", "password"), [("anna", "wrong-password"), ("berta", PASSWORD), ("", ""), ("anna", "x" * 3_000)]
)
def test_a_wrong_password_stays_outside(guarded: str, name: str, password: str) -> None:
    """What was wrong is not told, and no cookie is given."""
    status, headers, body = sign_in(guarded, name, password)
    assert status == 401
    assert "set-cookie" not in headers
    assert "Name or password is wrong." in body


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"name", b"name=" + b"a" * 20_000, b"&".join([b"a=1"] * 50)])
def test_a_form_that_is_none_is_refused(guarded: str, body: bytes) -> None:
    """Whatever is posted, the answer is the form again."""
    assert request(guarded, "/login", "POST", body)[0] in {400, 401}


@pytest.mark.parametrize("cookie", ["", "quoth=", "quoth=x", 'quoth="', "a=b; quoth=../../", "\x01"])
def test_a_made_up_cookie_stays_outside(guarded: str, cookie: str) -> None:
    """Only a token that was given out opens the door."""
    assert request(guarded, "/config", Cookie=cookie)[0] in {400, 401}


def test_a_name_is_shown_as_it_is(guarded: str) -> None:
    """What was typed comes back in the form as text."""
    body = sign_in(guarded, '"><script>alert(1)</script>{message}', "wrong-password")[2]
    assert "<script" not in body
    assert "&quot;&gt;&lt;script&gt;" in body
