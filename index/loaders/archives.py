"""A zip archive (DOCX, ODT, EPUB) in memory, opened with limits; nothing is ever unpacked onto the disk."""

import io
import struct
import zipfile
import zlib

from index.errors import DocumentError

# What zipfile raises on what is damaged.
UNPACKING_ERRORS = (
    zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError, NotImplementedError, IndexError,
    OverflowError, struct.error,
)  # fmt: skip
MAX_MEMBERS = 10_000
MAX_UNPACKED_BYTES = 256 * 1024 * 1024


class Archive:
    """The members of an archive, by name, each read whole."""

    def __init__(self, data: bytes) -> None:
        """Opens an archive.

        Raises:
            DocumentError: it is damaged, encrypted, or unpacks to more than the limits.
        """
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
            members = self._zip.infolist()
        except UNPACKING_ERRORS as error:
            raise DocumentError(f"damaged: is no whole zip archive ({type(error).__name__})") from None
        if len(members) > MAX_MEMBERS:
            raise DocumentError(f"too large: has {len(members):,} parts; expected at most {MAX_MEMBERS:,}")
        # A member is never read beyond the size that stands here, so its sum is the most that reading can give.
        unpacked = sum(member.file_size for member in members)
        if unpacked > MAX_UNPACKED_BYTES:
            raise DocumentError(f"too large: unpacks to {unpacked:,} bytes; expected at most {MAX_UNPACKED_BYTES:,}")
        if any(member.flag_bits & 1 for member in members):
            raise DocumentError("encrypted: needs a password; save it without one")
        self.names = frozenset(member.filename for member in members)

    def read(self, name: str) -> bytes:
        """A member's name -> its bytes.

        Raises:
            DocumentError: there is none, or it is damaged.
        """
        try:
            return self._zip.read(name)
        except KeyError:
            raise DocumentError(f"damaged: lacks {name}") from None
        except UNPACKING_ERRORS as e:
            raise DocumentError(f"damaged: {name} cannot be unpacked ({type(e).__name__})") from None
