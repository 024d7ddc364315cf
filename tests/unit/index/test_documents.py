"""A corpus folder: what is read, what is left out, and why."""

import errno
import os
from pathlib import Path

import pytest

from index import documents as module
from index.documents import read_corpus, read_document
from index.errors import CorpusError, DocumentError
from tests.unit.fakes import write_corpus
from tests.unit.files import eml_of

KINDS = "TXT, MD, RST, HTML, PDF, DOCX, ODT, EPUB, EML"


def left_out(root: Path) -> dict[str, tuple[str, bool]]:
    return {item.path: (item.reason, item.failed) for item in read_corpus(root).left_out}


def paths(root: Path) -> list[str]:
    return [document.path for document in read_corpus(root).documents]


def test_documents_come_by_path(tmp_path: Path) -> None:
    """Documents are sorted by their POSIX path below the folder, whatever order the disk lists them in."""
    write_corpus(tmp_path, {"b.txt": "B.", "a/z.md": "Z.", "a.txt": "A.", "a/b/c.txt": "C.", "B.TXT": "B."})
    assert paths(tmp_path) == ["B.TXT", "a.txt", "a/b/c.txt", "a/z.md", "b.txt"]
    assert left_out(tmp_path) == {}


def test_the_corpus_readme_is_not_quoted(tmp_path: Path) -> None:
    """README.md at the top tells about the corpus and is left out; one further down is a document."""
    write_corpus(tmp_path, {"README.md": "About.", "a.txt": "A.", "sub/README.md": "Sub."})
    assert paths(tmp_path) == ["a.txt", "sub/README.md"]
    assert left_out(tmp_path) == {"README.md": ("tells about the corpus, is not quoted", False)}


def test_one_file_is_a_corpus(tmp_path: Path) -> None:
    """A single file, even a README, is a corpus of one document."""
    write_corpus(tmp_path, {"README.md": "About."})
    assert paths(tmp_path / "README.md") == ["README.md"]


def test_hidden_files_are_passed_over(tmp_path: Path) -> None:
    """Files and folders whose name begins with a full stop are neither read nor listed."""
    write_corpus(tmp_path, {".a.txt": "A.", ".git/b.txt": "B.", "c/.d/e.txt": "E.", "f.txt": "F."})
    assert paths(tmp_path) == ["f.txt"]
    assert left_out(tmp_path) == {}


def test_a_hidden_folder_may_be_the_corpus(tmp_path: Path) -> None:
    """Only what lies below the folder is judged by its name, not where the folder itself lies."""
    assert paths(write_corpus(tmp_path / ".hidden", {"a.txt": "A."})) == ["a.txt"]


def test_one_bad_file_does_not_stop_the_rest(tmp_path: Path) -> None:
    """Unknown kinds, undecodable, binary and empty files are each left out by name with a reason; the rest is read."""
    write_corpus(
        tmp_path,
        {
            "a.txt": "A.",
            "b.pdf": b"%PDF-1.7",
            "c": "C.",
            "d.txt": b"\xff\xfea",
            "e.txt": b"\x00" * 100,
            "f.md": " \n",
            "g.docx": "G.",
            "h.pdf": "",
        },
    )
    assert paths(tmp_path) == ["a.txt"]
    assert left_out(tmp_path) == {
        "b.pdf": ("damaged: is no whole PDF", True),
        "c": (f"unknown type; expected {KINDS}", True),
        "d.txt": (
            (
                "damaged: byte 0 is not UTF-16-LE; expected UTF-8, UTF-16, UTF-32 or another known encoding; "
                "save the file as UTF-8"
            ),
            True,
        ),
        "e.txt": ("unknown type: holds binary data, not text; remove it or give it another ending", True),
        "f.md": ("empty", True),
        "g.docx": ("damaged: is named .docx but is no DOCX", True),
        "h.pdf": ("empty", True),
    }


def test_a_link_that_leads_out_is_refused(tmp_path: Path) -> None:
    """What does not lie in the folder is not quoted, though a link in it says so; a link within it is followed."""
    write_corpus(tmp_path, {"secret.txt": "Secret.", "corpus/a.txt": "A."})
    root = tmp_path / "corpus"
    try:
        (root / "out.txt").symlink_to(tmp_path / "secret.txt")
        (root / "in.txt").symlink_to(root / "a.txt")
        (root / "gone.txt").symlink_to(root / "nowhere.txt")
    except OSError:
        pytest.skip("no links on this system")
    assert paths(root) == ["a.txt", "in.txt"]
    assert left_out(root) == {
        "out.txt": ("is a link that leads out of the folder", True),
        "gone.txt": ("is a link that leads nowhere", True),
    }
    with pytest.raises(DocumentError, match="leads out"):
        read_document(root, "out.txt")


@pytest.mark.parametrize("path", ["../secret.txt", "sub/../../secret.txt", "/etc/hostname.txt"])
def test_a_path_that_leads_out_is_refused(tmp_path: Path, path: str) -> None:
    """A document named by a path out of the folder is refused, whether or not it is there."""
    write_corpus(tmp_path, {"secret.txt": "Secret.", "corpus/a.txt": "A.", "corpus/sub/b.txt": "B."})
    with pytest.raises(DocumentError):
        read_document(tmp_path / "corpus", path)


def test_a_document_is_read_anew(tmp_path: Path) -> None:
    """One document is read as the corpus reads it, and a removed one is gone."""
    write_corpus(tmp_path, {"a/b.txt": "B."})
    assert read_document(tmp_path, "a/b.txt") == read_corpus(tmp_path).documents[0]
    (tmp_path / "a/b.txt").unlink()
    with pytest.raises(DocumentError, match="is gone"):
        read_document(tmp_path, "a/b.txt")


def test_a_huge_file_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file above the limit is left out by its size, unread."""
    monkeypatch.setattr(module, "MAX_DOCUMENT_BYTES", 5)
    write_corpus(tmp_path, {"a.txt": "12345", "b.txt": "123456"})
    assert paths(tmp_path) == ["a.txt"]
    assert left_out(tmp_path) == {"b.txt": ("too large: has 6 bytes; expected at most 5", True)}


def test_an_unreadable_file_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that may not be opened is left out with the system's reason."""
    write_corpus(tmp_path, {"a.txt": "A.", "b.txt": "B."})
    read = Path.read_bytes

    def refuse(self: Path) -> bytes:
        if self.name == "b.txt":
            raise PermissionError(13, "Permission denied")
        return read(self)

    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert paths(tmp_path) == ["a.txt"]
    assert left_out(tmp_path) == {"b.txt": ("cannot be opened (Permission denied)", True)}


def test_a_name_that_is_no_text_is_left_out(tmp_path: Path) -> None:
    """A file whose name is not UTF-8 cannot be cited; it is left out, and the rest is read."""
    write_corpus(tmp_path, {"a.txt": "A."})
    try:
        (Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.txt"))).write_text("B.", "utf-8")
    except (OSError, UnicodeError):
        pytest.skip("every name is text on this system")
    assert paths(tmp_path) == ["a.txt"]
    assert [reason for reason, _ in left_out(tmp_path).values()] == ["has a name that is not UTF-8; rename it"]


@pytest.mark.parametrize("named", ["", "a.txt"])
@pytest.mark.parametrize("others", [0, 1])
def test_a_folder_whose_path_is_no_text_is_refused(tmp_path: Path, named: str, others: int) -> None:
    """Documents that lie under a name that is not UTF-8 are refused before any is read: the index could not name them.

    So it is for a file in such a folder, for one folder among several, and for a link that leads there.
    """
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9"))
    try:
        write_corpus(folder, {"a.txt": "A."})
    except (OSError, UnicodeError):
        pytest.skip("every name is text on this system")
    (tmp_path / "link").symlink_to(folder)
    more = [write_corpus(tmp_path / "other", {"b.txt": "B."})][:others]
    for source in (folder / named, tmp_path / "link" / named):
        with pytest.raises(CorpusError) as error:
            read_corpus(*more, source)
        assert str(error.value) == (
            f"{tmp_path}/caf\ufffd{'/' * bool(named)}{named} has a path that is not UTF-8; expected one that an index "
            f"can name; rename what is not, or index a copy elsewhere"
        )


def test_no_folder_is_an_error(tmp_path: Path) -> None:
    """A folder that is not there is named, with the kinds of file to put in one."""
    with pytest.raises(CorpusError, match=r"there is no folder or file .*nowhere; expected one with TXT"):
        read_corpus(tmp_path / "nowhere")


def test_an_empty_folder_is_an_error(tmp_path: Path) -> None:
    """A folder without documents is named, with what to put there."""
    with pytest.raises(CorpusError, match=r"holds no document that can be read; put TXT, MD, RST"):
        read_corpus(tmp_path)


def test_a_folder_of_bad_files_says_why(tmp_path: Path) -> None:
    """A folder in which nothing can be read names the first files with their reasons."""
    write_corpus(tmp_path, {"a.pdf": "x", "b.txt": "", "README.md": "About."})
    with pytest.raises(CorpusError, match=r"README\.md: .*a\.pdf: damaged.*b\.txt: empty"):
        read_corpus(tmp_path)


def test_folders_named_like_documents_are_entered(tmp_path: Path) -> None:
    """A folder is a folder, whatever its name ends in."""
    write_corpus(tmp_path, {"a.txt/b.txt": "B."})
    assert paths(tmp_path) == ["a.txt/b.txt"]


def test_several_folders_and_files_are_named_from_the_folder_that_holds_them(tmp_path: Path) -> None:
    """Files and folders may be mixed; a file given twice is one document, and only what was given is read."""
    write_corpus(tmp_path, {"a/x.txt": "X.", "a/y.txt": "Y.", "b/z.txt": "Z.", "b/w.txt": "W.", "c.txt": "C."})
    corpus = read_corpus(tmp_path / "a", tmp_path / "b" / "z.txt", tmp_path / "a" / "x.txt")
    assert corpus.root == str(tmp_path)
    assert [document.path for document in corpus.documents] == ["a/x.txt", "a/y.txt", "b/z.txt"]
    with pytest.raises(CorpusError, match=r"there is no folder or file .*none"):
        read_corpus(tmp_path / "a", tmp_path / "none")


def test_strict_stops_at_the_first_bad_file(tmp_path: Path) -> None:
    """With `strict`, a file that cannot be read is an error that names it; what nobody expects to be read is none."""
    write_corpus(tmp_path, {"a.txt": "A.", "README.md": "About."})
    assert len(read_corpus(tmp_path, strict=True).documents) == 1
    write_corpus(tmp_path, {"b.pdf": "x"})
    with pytest.raises(CorpusError, match=r"^b\.pdf: damaged: is named \.pdf but is no PDF; leave out --strict"):
        read_corpus(tmp_path, strict=True)


def test_attachments_are_documents_below_their_mail(tmp_path: Path) -> None:
    """A mail's attachment is read with it, and anew by its own name."""
    write_corpus(tmp_path, {"m.eml": eml_of("Dear all.", {"n.txt": b"Notes.", "bad.pdf": b"x"})})
    assert paths(tmp_path) == ["m.eml", "m.eml/n.txt"]
    assert left_out(tmp_path) == {"m.eml/bad.pdf": ("damaged: is named .pdf but is no PDF", True)}
    assert read_document(tmp_path, "m.eml/n.txt").text == "Notes."
    assert read_document(tmp_path / "m.eml", "m.eml/n.txt").text == "Notes."
    with pytest.raises(DocumentError, match="is gone"):
        read_document(tmp_path, "m.eml/none.txt")


def test_a_folder_that_cannot_be_opened_is_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a folder without permission holds is missing from the index, so the folder is listed, and `strict` stops."""
    write_corpus(tmp_path, {"a.txt": "A.", "shut/b.txt": "B."})
    real = os.scandir

    def scandir(folder: str) -> object:
        if Path(folder).name == "shut":
            raise PermissionError(errno.EACCES, "Permission denied", folder)
        return real(folder)

    monkeypatch.setattr(os, "scandir", scandir)
    assert paths(tmp_path) == ["a.txt"]
    assert left_out(tmp_path) == {"shut": ("is a folder that cannot be opened (Permission denied)", True)}
    with pytest.raises(CorpusError, match="shut: is a folder that cannot be opened"):
        read_corpus(tmp_path, strict=True)


def test_what_is_no_file_is_listed(tmp_path: Path) -> None:
    """Links to folders are not followed, and pipes not opened; each is listed, as a failure where text is missing."""
    root = write_corpus(tmp_path / "corpus", {"a.txt": "A.", "sub/b.txt": "B."})
    (tmp_path / "other").mkdir()
    try:
        (root / "inner").symlink_to(root / "sub")
        (root / "outer").symlink_to(tmp_path / "other")
        os.mkfifo(root / "pipe.txt")
    except (OSError, NotImplementedError):
        pytest.skip("no links or pipes on this system")
    assert paths(root) == ["a.txt", "sub/b.txt"]
    assert left_out(root) == {
        "inner": ("is a link to a folder; its files are read where they are", False),
        "outer": ("is a link that leads out of the folder", True),
        "pipe.txt": ("is no file", False),
    }


def test_a_file_given_by_a_link_has_its_own_name(tmp_path: Path) -> None:
    """A document is found again under the name that it was indexed by."""
    write_corpus(tmp_path, {"a.txt": "A."})
    try:
        (tmp_path / "link.txt").symlink_to(tmp_path / "a.txt")
    except OSError:
        pytest.skip("no links on this system")
    corpus = read_corpus(tmp_path / "link.txt")
    assert [document.path for document in corpus.documents] == ["a.txt"]
    assert read_document(Path(corpus.root), "a.txt").text == "A."


def test_a_readme_that_is_named_is_read(tmp_path: Path) -> None:
    """What a person names is a document, also beside the folder that it tells about."""
    write_corpus(tmp_path, {"README.md": "About.", "a.txt": "A."})
    for sources in ([tmp_path / "README.md", tmp_path / "a.txt"], [tmp_path, tmp_path / "README.md"]):
        corpus = read_corpus(*sources)
        assert [document.path for document in corpus.documents] == ["README.md", "a.txt"]
        assert corpus.left_out == ()
