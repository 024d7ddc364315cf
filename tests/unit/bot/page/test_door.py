"""The door in front of the page."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import anyio
import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from bot.page import users
from bot.page.door import Door
from bot.page.users import Secret, Users

PASSWORD = "correct horse"  # noqa: S105 - no secret of anybody's


class Clock:
    """Time that passes when told to."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        """The time."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def door(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Door:
    """A door before a page that says "inside"; guesses are cheap."""
    monkeypatch.setattr(users, "_N", 2)
    monkeypatch.setattr("bot.page.door._WRONG_S", 0.0)
    return Door(PlainTextResponse("inside"), Users({"anna": Secret.of(PASSWORD)}), clock)


def request(
    path: str, method: str = "GET", body: bytes = b"", cookie: str = ""
) -> tuple[Scope, Receive, Send, list[Message]]:
    """A request -> what an application is called with, and the list of what it sends."""
    sent: list[Message] = []
    headers = [(b"host", b"localhost"), (b"cookie", cookie.encode())]
    scope: Scope = {"type": "http", "method": method, "path": path, "query_string": b"", "headers": headers}

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    return scope, receive, send, sent


def ask(door: Door, path: str, method: str = "GET", body: bytes = b"", cookie: str = "") -> tuple[int, Any, str]:
    """One request -> status, headers, body."""
    scope, receive, send, sent = request(path, method, body, cookie)
    with ThreadPoolExecutor(1) as thread:
        thread.submit(anyio.run, door, scope, receive, send).result()
    named = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], named, b"".join(message.get("body", b"") for message in sent[1:]).decode()


def come_in(door: Door) -> str:
    """Signs in -> the cookie."""
    status, headers, _ = ask(door, "/login", "POST", b"name=anna&password=correct+horse")
    assert status == 303
    return str(headers["set-cookie"].split(";")[0])


def test_a_visit_ends_after_half_a_day(door: Door, clock: Clock) -> None:
    """A cookie that is left behind somewhere opens the door only for a while."""
    cookie = come_in(door)
    assert ask(door, "/", cookie=cookie)[2] == "inside"
    clock.now += 12 * 3600 - 1
    assert ask(door, "/", cookie=cookie)[2] == "inside"
    clock.now += 1
    assert ask(door, "/", cookie=cookie)[0] == 401


def test_visits_are_bounded(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """Signing in again and again can't fill the memory: the oldest visits go."""
    monkeypatch.setattr("bot.page.door._MAX_VISITS", 2)
    first, second, third = come_in(door), come_in(door), come_in(door)
    assert [ask(door, "/", cookie=cookie)[0] for cookie in (first, second, third)] == [401, 200, 200]


def test_leaving_ends_this_visit_only(door: Door) -> None:
    """Whoever leaves on one machine stays in on the other."""
    here, there = come_in(door), come_in(door)
    assert ask(door, "/logout", "POST", cookie=here)[0] == 200
    assert ask(door, "/", cookie=here)[0] == 401
    assert ask(door, "/", cookie=there)[2] == "inside"


@pytest.mark.parametrize("path", ["/", "/login"])
def test_the_form_can_be_posted_where_it_is_shown(door: Door, path: str) -> None:
    """Either address shows it and takes it, and leads to the page."""
    assert 'action=""' in ask(door, path)[2]
    status, headers, _ = ask(door, path, "POST", b"name=anna&password=correct+horse")
    assert (status, headers["location"]) == (303, "/")
    assert ask(door, path, "POST", b"name=anna&password=wrong")[0] == 401


def test_a_stranger_learns_nothing(door: Door) -> None:
    """Outside, only the form, its look and the health are there; what is asked for makes no difference."""
    for path in ("/", "/login"):
        assert 'name="password"' in ask(door, path)[2]
    assert ask(door, "/config")[::2] == ask(door, "/gradio_api/queue/join", "POST")[::2] == (401, "Sign in first.\n")
    for path in ("/healthz", "/quoth/page.css"):
        assert ask(door, path)[2] == "inside"


def test_cookies_of_others_are_passed_over(door: Door) -> None:
    """A malformed one, and that of a page on another port of this host, change nothing."""
    cookie = come_in(door)
    assert ask(door, "/", cookie=f'a"b\\;=; x[]={{"y": 1}}; {cookie}; quoth=old')[2] == "inside"
    assert ask(door, "/", cookie=cookie.replace("quoth", "quoth-1", 1))[0] == 401


def test_who_was_removed_or_has_another_password_is_out(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """A visit ends with what it was opened with, not twelve hours later."""
    monkeypatch.setattr(users, "_N", 2)
    known = {"anna": Secret.of(PASSWORD), "berta": Secret.of(PASSWORD)}
    door = Door(PlainTextResponse("inside"), Users(known), clock)
    cookie = come_in(door)
    assert ask(door, "/", cookie=cookie)[2] == "inside"
    known["anna"] = Secret.of("another password")
    assert ask(door, "/", cookie=cookie)[0] == 401
    del known["anna"]
    assert ask(door, "/", cookie=cookie)[0] == 401


def test_wrong_guesses_shut_nobody_out(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """While wrong ones are made to wait, the right one comes in."""
    monkeypatch.setattr("bot.page.door._WRONG_S", 30.0)

    async def both() -> int:
        async with anyio.create_task_group() as tasks:
            for _ in range(5):
                tasks.start_soon(door, *request("/login", "POST", b"name=anna&password=wrong")[:3])
            await anyio.sleep(0.05)
            scope, receive, send, sent = request("/login", "POST", b"name=anna&password=correct+horse")
            with anyio.fail_after(5):
                await door(scope, receive, send)
            tasks.cancel_scope.cancel()
        return int(sent[0]["status"])

    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(anyio.run, both).result() == 303


def test_too_many_guesses_at_once_are_turned_away(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who stands at the end of a long queue is told so, not left to wait."""
    monkeypatch.setattr("bot.page.door._MAX_WAITING", 0)
    assert ask(door, "/login", "POST", b"name=anna&password=wrong")[0] == 429
