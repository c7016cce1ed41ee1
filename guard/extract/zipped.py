"""ZIP archives, and the containers of Office and OpenDocument that are ZIP archives."""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import Final

from guard.extract.archives import unpack_single
from guard.extract.budget import Budget
from guard.extract.inner_names import inner_name
from guard.extract.pieces import Member, Piece, Source, UnreadError
from guard.model.extract import Passage, Reason
from guard.parse.charset import guess

_CHUNK: Final = 1024 * 1024
_ENCRYPTED: Final = 0x1
_UTF8_NAME: Final = 0x800
_METHODS: Final = {
    zipfile.ZIP_STORED,
    zipfile.ZIP_DEFLATED,
    zipfile.ZIP_BZIP2,
    zipfile.ZIP_LZMA,
}
"""What the standard library unpacks (APPNOTE §4.4.5); libarchive knows a few more."""

DAMAGED: Final = (
    zipfile.BadZipFile,
    zlib.error,
    OSError,
    EOFError,
    ValueError,
    RuntimeError,
    struct.error,
)
"""What unpacking raises for an entry that is torn, or is not what the directory says."""

_LOCAL: Final = struct.Struct("<4s22xHH")
"""Local file header (APPNOTE §4.3.7): signature, length of the name, length of the extra field."""

_CENTRAL: Final = struct.Struct("<4s6H3I5H2I")
_END: Final = struct.Struct("<4s4H2IH")
"""Directory entry and its end (APPNOTE §4.3.12, §4.3.16)."""

_END_BYTES: Final = 22
"""End of the directory without its comment (APPNOTE §4.3.16)."""

_FEW: Final = 64
"""Octets between entries that need no reason: data descriptors, time stamps, alignment."""


class Archive:
    """An open archive that spends a budget."""

    def __init__(self, octets: bytes, budget: Budget, password: str = "") -> None:
        try:
            self._file = zipfile.ZipFile(io.BytesIO(octets))
        except (zipfile.BadZipFile, OSError, ValueError):
            raise UnreadError(Reason.CORRUPT) from None
        except NotImplementedError:
            raise UnreadError(Reason.UNSUPPORTED) from None
        self._budget = budget
        self._octets = octets
        self._paid: set[int] = set()
        self._password = password
        # A folder with octets in it is a file whose name was tampered with, or torn.
        self.entries: Final = [
            info for info in self._file.infolist() if info.compress_size or not info.is_dir()
        ]
        if len(self.entries) > budget.entries:
            raise UnreadError(Reason.LIMIT)
        self._by_name: dict[str, zipfile.ZipInfo] = {}
        for info in self.entries:
            self._by_name.setdefault(info.filename.lower(), info)

    def foresee(self) -> None:
        """Refuse by what the directory says: for readers that unpack by themselves."""
        for info in self.entries:
            self._budget.foresee(info.file_size, info.compress_size)
        if sum(info.file_size for info in self.entries) > self._budget.expanded_bytes:
            raise UnreadError(Reason.LIMIT)

    def find(self, name: str) -> zipfile.ZipInfo | None:
        """Give the first entry called *name*, in any case, or `None`."""
        return self._by_name.get(name.lower())

    def begins(self, info: zipfile.ZipInfo, count: int) -> bytes:
        """
        Give the first *count* octets of an entry, without paying for it.

        Raises:
            BadZipFile, OSError, EOFError: It is damaged.
        """
        with self._file.open(info) as packed:
            return packed.read(count)

    def beside(self) -> Iterator[Piece]:
        """
        Give comments, and `DEFECT` where octets stand that belong to no entry of the directory.

        Entries that the directory does not know, an archive in front of this one, text in a gap or
        in extra fields: some programs show them, the directory's readers do not.
        """
        infos = self._file.infolist()
        comments = [self._file.comment, *(info.comment for info in infos)]
        if text := "\n".join(guess(comment) for comment in comments if comment.strip(b"\0 \r\n")):
            self._budget.say(len(text))
            yield Passage(place="comment", text=text)
        for octets in self._unaccounted(infos):
            if len(octets.replace(b"\0", b"")) > _FEW or b"PK\x03\x04" in octets:
                yield Reason.DEFECT
                return

    def _unaccounted(self, infos: list[zipfile.ZipInfo]) -> Iterator[bytes]:
        """Give every stretch that is no entry's name or data, and not the directory."""
        octets = self._octets
        at = 0
        for info in sorted(infos, key=lambda info: info.header_offset):
            yield octets[at : info.header_offset]
            yield info.extra
            start = info.header_offset + _LOCAL.size
            if len(octets) < start:
                return  # unpacking it will fail
            _, name, extra = _LOCAL.unpack_from(octets, info.header_offset)
            yield octets[start + name : start + name + extra]
            at = max(at, start + name + extra + info.compress_size)
        yield octets[at : self._file.start_dir]
        end = octets.rfind(b"PK\x05\x06")
        yield octets[end + _END_BYTES + len(self._file.comment) :] if end >= 0 else b""

    def unpack(self, info: zipfile.ZipInfo) -> bytes:
        """
        Unpack one entry, its checksum checked.

        Raises:
            UnreadError: It is encrypted and not opened by the password, too big, or packed by a
                method that is not supported (Deflate64, implode, shrink).
            BadZipFile, OSError, EOFError: It is damaged.
        """
        encrypted = bool(info.flag_bits & _ENCRYPTED)
        if encrypted and not self._password:
            raise UnreadError(Reason.ENCRYPTED)
        # Who reads an entry a second time, for something else, need not pay for it again.
        # By the entry itself: a name may stand there many times.
        paid = id(info) in self._paid
        self._paid.add(id(info))
        if not paid:
            self._budget.enter()
        self._budget.foresee(info.file_size, info.compress_size)
        if encrypted:
            return self._decrypt(info)
        if info.compress_type not in _METHODS:
            return unpack_single(self._alone(info), self._budget, packed=info.compress_size)
        chunks = []
        with self._file.open(info) as packed:
            while chunk := packed.read(_CHUNK):
                if not paid:
                    self._budget.expand(len(chunk))
                chunks.append(chunk)
        return b"".join(chunks)

    def _decrypt(self, info: zipfile.ZipInfo) -> bytes:
        """Unpack with the password, in any encoding that Japanese programs put it in."""
        alone = self._alone(info)
        for encoding in ("utf-8", "cp932"):
            try:
                password = self._password.encode(encoding)
                return unpack_single(
                    alone, self._budget, packed=info.compress_size, password=password
                )
            except UnicodeEncodeError:
                continue
            except UnreadError as unread:
                if unread.reason is not Reason.CORRUPT and unread.reason is not Reason.ENCRYPTED:
                    raise
        # A wrong password passes the archive's own check once in 256 times, and then looks like
        # damage.
        raise UnreadError(Reason.ENCRYPTED)

    def _alone(self, info: zipfile.ZipInfo) -> bytes:
        """Give an archive with this one entry: libarchive looks files up by no name or number."""
        start = info.header_offset
        _, name_bytes, extra_bytes = _LOCAL.unpack_from(self._octets, start)
        end = start + _LOCAL.size + name_bytes + extra_bytes + info.compress_size
        local = self._octets[start:end]
        name = b"x" * name_bytes
        local = local[: _LOCAL.size] + name + local[_LOCAL.size + name_bytes :]
        central = _CENTRAL.pack(
            b"PK\x01\x02",
            20,
            info.extract_version,
            info.flag_bits,
            info.compress_type,
            *struct.unpack_from("<2H", local, 10),  # the time, which a password is checked against
            info.CRC,
            info.compress_size,
            info.file_size,
            name_bytes,
            len(info.extra),
            *(0, 0, 0, 0, 0),
        )
        directory = central + name + info.extra
        return b"".join(
            (
                local,
                directory,
                _END.pack(b"PK\x05\x06", 0, 0, 1, 1, len(directory), len(local), 0),
            )
        )


def archive(source: Source, budget: Budget) -> Iterator[Piece]:
    """Give every file of an archive; of one that cannot be unpacked, why."""
    opened = Archive(source.octets, budget, source.password)
    if not opened.entries and b"PK\x03\x04" in source.octets:
        yield Reason.CORRUPT  # files stand here that the directory does not know
    yield from opened.beside()
    for info in opened.entries:
        try:
            octets = opened.unpack(info)
        except UnreadError as unread:
            yield unread.reason
        except DAMAGED:
            yield Reason.CORRUPT
        else:
            yield Member(name=entry_name(info), octets=octets)


def entry_name(info: zipfile.ZipInfo) -> str:
    """Give an entry's name; without the flag for UTF-8 it may be in any encoding, often CP932."""
    if not info.flag_bits & _UTF8_NAME:
        try:
            return inner_name(info.orig_filename.encode("cp437"))
        except UnicodeEncodeError:
            pass
    return inner_name(info.filename)
