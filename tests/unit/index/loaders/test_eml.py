"""EML: headers, text, and attachments as documents of their own."""

import pytest

from index.errors import DocumentError
from index.loaders import load_file, part_of
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


def test_encoded_headers_and_text_are_decoded() -> None:
    """Encoded words and a text in another encoding are read as what they say."""
    data = (
        b"From: =?utf-8?q?J=C3=B6rg?= <j@example.org>\nSubject: =?iso-8859-1?q?Caf=E9?=\n"
        b"Content-Type: text/plain; charset=windows-1251\nContent-Transfer-Encoding: 8bit\n\n" + "Да.".encode("cp1251")
    )
    document = load("m.eml", data)
    assert document.title == "Café"
    assert words(document) == ["From: Jörg <j@example.org>", "Да."]


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


def test_what_has_no_headers_is_no_mail() -> None:
    """A text that only ends in .eml is refused."""
    with pytest.raises(DocumentError, match="no headers"):
        load("m.eml", b"\n\nwords")
