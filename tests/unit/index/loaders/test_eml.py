"""EML: headers, text, and attachments as documents of their own."""

import base64
from email.message import EmailMessage
from email.policy import EmailPolicy

import pytest

from index.errors import DocumentError
from index.loaders import blocks, load_file, part_of
from index.loaders.eml import attachments, load
from index.records import Document
from tests.unit.files import docx_of, eml_of, lines, pdf


def words(document: Document) -> list[str]:
    return [document.slice(span) for span in document.paragraphs]


def test_headers_that_matter_and_the_text_are_read() -> None:
    """Subject is heading and title; sender, recipients and date are a paragraph; then comes the text, split alike."""
    document = load("m.eml", eml_of("Dear Bob,\n\nThe crane is here.\n", To="Bob <b@example.org>", Subject="The crane"))
    assert document.title == "The crane"
    assert words(document) == [
        "From: Ann <ann@example.org>\nTo: Bob <b@example.org>",
        "Dear Bob,",
        "The crane is here.",
    ]
    assert document.location(document.text.index("Dear")) == "paragraph 2"


def test_of_two_forms_the_plain_one_is_read() -> None:
    """Text in two forms is read once; a mail of HTML alone is read as HTML."""
    both = load("m.eml", eml_of("Plain words.", html="<p>Rich words.</p>"))
    assert "Plain words." in words(both)
    assert "Rich words." not in words(both)
    alone = (
        b"From: a@example.org\nContent-Type: text/html; charset=utf-8\n\n<p>Rich <b>words</b>.<script>secret</script>"
    )
    assert words(load("m.eml", alone))[-1] == "Rich words."


def _multipart(kind: str, *parts: str) -> str:
    mark = f"mark{abs(hash(parts))}"
    inner = "".join(f"--{mark}\n{part}\n" for part in parts)
    return f'Content-Type: multipart/{kind}; boundary="{mark}"\n\n{inner}--{mark}--\n'


_PLAIN = "Content-Type: text/plain\n\n{}"
_HTML = "Content-Type: text/html\n\n<p>{}</p>"


@pytest.mark.parametrize(
    ("body", "read"),
    [
        (_multipart("mixed", _HTML.format("Body."), _PLAIN.format("A list's footer.")), ["Body.", "A list's footer."]),
        (_multipart("alternative", _PLAIN.format("Body."), _HTML.format("Rich.")), ["Body."]),
        (_multipart("alternative", _PLAIN.format(" "), _HTML.format("Rich.")), ["Rich."]),
        (
            _multipart(
                "mixed",
                _multipart("alternative", _PLAIN.format("Body."), _multipart("related", _HTML.format("Rich."))),
                _PLAIN.format("Footer."),
            ),
            ["Body.", "Footer."],
        ),
        (
            _multipart(
                "alternative", _multipart("mixed", _PLAIN.format("One."), _HTML.format("Two.")), _HTML.format("x")
            ),
            ["One.", "Two."],
        ),
    ],
)
def test_only_what_says_the_same_is_read_once(body: str, read: list[str]) -> None:
    """All texts of a mail are read in order; of the forms of an alternative, one."""
    data = f"From: a@example.org\n{body}".encode()
    assert words(load("m.eml", data))[1:] == read
    assert attachments(data) == []


def test_what_is_attached_without_a_name_has_one_of_its_own() -> None:
    """A nameless PDF, mail, or text that says it is attached, is a document; a nameless picture is listed."""
    parts = [
        "Content-Type: application/pdf\nContent-Transfer-Encoding: base64\n\n"
        + base64.encodebytes(pdf(lines("Rent is due."))).decode(),
        "Content-Type: text/plain\nContent-Disposition: attachment\n\nNotes.",
        "Content-Type: message/rfc822\n\n" + eml_of("Inside.", Subject="Inner").decode(),
        "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n"
        + base64.encodebytes(eml_of("Coded.", Subject="Second")).decode(),
        "Content-Type: image/png\nContent-Transfer-Encoding: base64\n\niVBORw0KGgo=",
    ]
    data = f"From: a@example.org\n{_multipart('mixed', _PLAIN.format('Body.'), *parts)}".encode()
    loaded = load_file("m.eml", data)
    assert [(document.path, document.paragraphs != ()) for document in loaded.documents] == [
        ("m.eml", True),
        ("m.eml/attachment", True),
        ("m.eml/attachment.txt", True),
        ("m.eml/message.eml", True),
        ("m.eml/message (2).eml", True),
    ]
    assert [document.title for document in loaded.documents[3:]] == ["Inner", "Second"]
    assert [(item.path, item.failed) for item in loaded.left_out] == [("m.eml/attachment (2)", False)]


@pytest.mark.parametrize("fails", ["load", "as_bytes"])
def test_a_bad_mail_within_a_mail_costs_nothing_but_itself(monkeypatch: pytest.MonkeyPatch, fails: str) -> None:
    """Where the standard library fails on an attached mail, that one is listed, and everything around it is read."""
    inner = "Content-Type: message/rfc822\n\nSubject: Bad one\n\nx"
    data = f"From: a@example.org\n{_multipart('mixed', _PLAIN.format('Body.'), inner)}".encode()

    def as_bytes(*_: object, **__: object) -> bytes:
        if fails == "as_bytes":
            raise KeyError("content-type")
        return b"no header"

    monkeypatch.setattr(EmailMessage, "as_bytes", as_bytes)
    loaded = load_file("m.eml", data)
    assert [document.path for document in loaded.documents] == ["m.eml"]
    assert [(item.path, item.reason.split(":")[0]) for item in loaded.left_out] == [("m.eml/message.eml", "damaged")]


def test_an_attached_mail_is_taken_out_as_it_came() -> None:
    """The headers of a mail within a mail are not written anew, however long or broken."""
    inner = b"Subject: " + b"a very long one " * 20 + b"\nX: \xff =?utf-8?q?=ZZ?=\n\nWords."
    data = b"From: a@example.org\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\n\n"
    assert attachments(data + inner + b"\n--b--\n")[0].data == inner


def test_encoded_headers_and_text_are_decoded() -> None:
    """Encoded words and a text in another encoding are read as what they say."""
    data = (
        b"From: =?utf-8?q?J=C3=B6rg?= <j@example.org>\nSubject: =?iso-8859-1?q?Caf=E9?=\n"
        b"Content-Type: text/plain; charset=windows-1251\nContent-Transfer-Encoding: 8bit\n\n" + "Да.".encode("cp1251")
    )
    document = load("m.eml", data)
    assert document.title == "Café"
    assert words(document) == ["From: Jörg <j@example.org>", "Да."]


@pytest.mark.parametrize("sign", ["\N{LATIN SMALL LETTER E WITH ACUTE}".encode(), b""])
def test_a_header_in_which_hundreds_stand_is_read_as_it_came(sign: bytes) -> None:
    """A header too long to be taken apart is quoted all the same, its lines joined; the others are decoded."""
    people = b", \r\n ".join(b"Ann%s %d <ann%d@example.org>" % (sign, n, n) for n in range(1_000))
    document = load("m.eml", b"From: =?utf-8?q?Zo=C3=AB?= <z@example.org>\r\nTo: " + people + b"\r\n\r\nWords.\r\n")
    assert words(document)[0] == "From: Zoë <z@example.org>\nTo: " + people.decode().replace("\r\n", "")
    assert words(document)[1] == "Words."


@pytest.mark.parametrize("more", ["; a*0*=x" * 20_000, "; a=b" * 101, f"; a={'x' * 4_000}"])
def test_a_part_with_too_many_parameters_is_read_without_them(more: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes the longer the more there are of them is never begun; the text is read by its kind alone."""
    longest = 0
    real = EmailPolicy.header_fetch_parse

    def parsed(policy: EmailPolicy, name: str, value: str) -> object:
        nonlocal longest
        longest = max(longest, len(value), value.count(";") * 40)
        return real(policy, name, value)

    monkeypatch.setattr(EmailPolicy, "header_fetch_parse", parsed)
    quotes = '"' * 50_000
    mail = f"From: Ann\nTo: {quotes}\nContent-Type: text/html{more}\n\n<p>Words."
    assert words(load("m.eml", mail.encode()))[-1] == "Words."
    assert 0 < longest <= 16_000


def test_attachments_are_documents_by_the_same_loaders() -> None:
    """Each attached file that can be read is a document below the mail's name; the rest is listed with its reason."""
    inner = eml_of("Inside.", {"deep.txt": b"Deeper."}, Subject="Inner")
    data = eml_of(
        "Outside.",
        {
            "lease.pdf": pdf(lines("Rent is due.")),
            "a.docx": docx_of("Words."),
            "logo.png": b"\x89PNG\r\n",
            "in.eml": inner,
            "bad.pdf": b"x",
        },
    )
    loaded = load_file("m.eml", data)
    assert [document.path for document in loaded.documents] == [
        *("m.eml", "m.eml/lease.pdf", "m.eml/a.docx", "m.eml/in.eml", "m.eml/in.eml/deep.txt"),
    ]
    assert loaded.documents[1].location(0) == "page 1"
    assert [(item.path, item.failed) for item in loaded.left_out] == [
        ("m.eml/logo.png", False),
        ("m.eml/bad.pdf", True),
    ]
    assert part_of("m.eml", data, "m.eml/in.eml/deep.txt") == b"Deeper."
    with pytest.raises(DocumentError, match="is gone"):
        part_of("m.eml", data, "m.eml/none.txt")


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        ("../../x", "x"),
        ("/etc/passwd", "passwd"),
        ("..\\..\\x.txt", "x.txt"),
        ("..", "attachment"),
        ("a\x07b.txt", "ab.txt"),
        ("a" * 500 + ".txt", ("a" * 500 + ".txt")[-120:]),
    ],
)
def test_an_attachments_name_leads_nowhere(sent: str, name: str) -> None:
    """Of the name that an attachment was sent under only the last part is used, without what a path would obey."""
    assert [found.name for found in attachments(eml_of("x", {sent: b"A."}))] == [name]


def test_two_attachments_of_one_name_are_told_apart() -> None:
    """The second of the same name is numbered."""
    data = eml_of("x", {"a/n.txt": b"A.", "b/n.txt": b"B."})
    assert [document.path for document in load_file("m.eml", data).documents] == [
        "m.eml",
        "m.eml/n.txt",
        "m.eml/n (2).txt",
    ]


def test_mails_within_mails_end_somewhere() -> None:
    """A mail in a mail in a mail is read to a depth of five, and the rest is listed."""
    data = eml_of("Innermost.")
    for _ in range(8):
        data = eml_of("x", {"in.eml": data})
    loaded = load_file("m.eml", data)
    assert len(loaded.documents) == 6
    assert loaded.left_out[0].reason.startswith("too large: holds mails within mails")


def test_a_mail_and_what_is_attached_have_a_limit_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """What would be more text than one file may hold is listed, and a smaller attachment after it is read."""
    monkeypatch.setattr(blocks, "MAX_CHARACTERS", 200)
    loaded = load_file("m.eml", eml_of("Words.", {"a.txt": b"a" * 150, "b.txt": b"b" * 150, "c.txt": b"C."}))
    assert [document.path for document in loaded.documents] == ["m.eml", "m.eml/a.txt", "m.eml/c.txt"]
    assert [item.path for item in loaded.left_out] == ["m.eml/b.txt"]
    assert loaded.left_out[0].reason.startswith("too large: holds more than 200 characters")
    with pytest.raises(DocumentError, match=r"^too large: holds more than 200 characters of text; split it"):
        load_file("a.txt", b"a" * 201)


def test_what_has_no_headers_is_no_mail() -> None:
    """A text that only ends in .eml is refused."""
    with pytest.raises(DocumentError, match="no headers"):
        load("m.eml", b"\n\nwords")
