"""What stands in the parts of a message: text that is read in it, and files."""

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote

from guard.model.message import Attachment, Body, Defect
from guard.parse import openpgp
from guard.parse.candidates import candidates
from guard.parse.charset import decode, guess
from guard.parse.disguised import disguised
from guard.parse.embedded import BASE64, embedded
from guard.parse.flowed import unflow
from guard.parse.heading import Head
from guard.parse.markup import page
from guard.parse.removal import removable
from guard.parse.shreds import shreds
from guard.parse.structure import MESSAGES, Leaf, Tree, is_plain
from guard.parse.transfer import stray_lines, undo
from guard.parse.words import raw_text

_CID: Final = re.compile(r"""\bcid:([^"'\s<>)]{1,500})""", re.IGNORECASE)
_UNPRINTABLE: Final = re.compile(r"[\x00-\x1f\x7f\s]+")
_PGP_MESSAGE: Final = b"-----BEGIN PGP MESSAGE"

_READ_AS_TEXT: Final = {
    "text/plain", "text/html", "text/enriched", "text/richtext", "text/rfc822-headers",
    "message/delivery-status", "message/disposition-notification", "message/feedback-report",
    "message/global-delivery-status", "message/global-disposition-notification",
}  # fmt: skip
"""Types that mail programs show as part of the message, unless they are given a file name."""

_SUFFIXES: Final = {
    "text/plain": ".txt", "text/html": ".html", "text/calendar": ".ics", "text/csv": ".csv",
    "text/vcard": ".vcf", "text/x-vcard": ".vcf", "image/png": ".png", "image/jpeg": ".jpg",
    "image/gif": ".gif", "application/pdf": ".pdf", "application/zip": ".zip",
    "application/ms-tnef": ".dat", "application/pgp-signature": ".asc",
    "application/pkcs7-signature": ".p7s", "application/pkcs7-mime": ".p7m",
}  # fmt: skip

_NAME_CHARS: Final = 255

_MOST_EMBEDDED: Final = 100
"""Files within the text of a message. Who writes more of them hides something."""

_FEW_OCTETS: Final = 90
"""What comes out of a run without a name is a file from here on; less of it is words."""

_SUSPICIOUS: Final = {
    "bare-cr", "boundary-not-found", "broken-header", "duplicate-header", "duplicate-parameter",
    "epilogue", "header-too-long", "no-boundary", "preamble", "too-deep",
    "too-many-parts",
}  # fmt: skip
"""Defects in what tells where a part begins and what it is."""

SOURCE: Final = "SOURCE"
"""Stands for a part number where the source was read by its lines alone."""


class Parts:
    """Takes the parts of one message, each once, and sorts what is in them."""

    def __init__(self, tree: Tree) -> None:
        self.bodies: list[Body] = []
        self.attachments: list[Attachment] = []
        self._tree = tree
        self._shown: set[str] = set()
        self._taken: list[tuple[Head, bytes]] = []
        self._embedded = 0

    def take(self) -> None:
        """Take all parts; where programs differ in what they are, take them in every way."""
        tree = self._tree
        apart = removable(tree)
        files: list[tuple[Leaf, bytes]] = []
        for leaf in tree.leaves:
            self._leaf(leaf, files)
            for head in leaf.head.others:
                self._leaf(Leaf(number=leaf.number, head=head, octets=leaf.octets), files)
        for number, octets in tree.beside:
            self._add(number, guess(octets))
            self._within(number, octets)
        if any(_is_suspicious(one) for one in tree.defects):
            known = {_key(head, octets) for head, octets in self._taken}
            for head, octets in shreds(tree.octets):
                undone, _ = undo(octets, head.encoding)
                if (key := _key(head, undone)) not in known:
                    known.add(key)
                    self._leaf(Leaf(number=SOURCE, head=head, octets=octets), files)
        for leaf, octets in files:
            removes = leaf.number in apart
            self.attachments.append(_attachment(leaf, octets, self._shown, removes=removes))

    def _leaf(self, leaf: Leaf, files: list[tuple[Leaf, bytes]]) -> None:
        """Undo one part's encoding, and take it as text or as one of *files*."""
        octets, problem = undo(leaf.octets, leaf.head.encoding)
        if problem:
            hides = problem == "broken-uuencode" or (
                problem == "unknown-encoding" and not is_plain(octets)
            )
            self._tree.note(problem, leaf.number, hides=hides)
        self._taken.append((leaf.head, octets))
        if _is_body(leaf.head):
            self._text(leaf, octets)
        else:
            files.append((leaf, octets))
        if stray := stray_lines(leaf.octets, leaf.head.encoding, problem):
            # Whoever does not undo the encoding sees this; whoever does, nothing.
            self._add(leaf.number, guess(stray))
            self._within(leaf.number, stray)

    def _text(self, leaf: Leaf, octets: bytes) -> None:
        """Take one text part in every charset that it may be in."""
        charset = leaf.head.content_type.params.get("charset")
        text, problem = decode(octets, charset)
        if problem:
            hides = problem == "unknown-charset" and not octets.isascii()
            self._tree.note(problem, leaf.number, hides=hides)
        if _PGP_MESSAGE in octets:
            self._armored(leaf.number, octets)
        pages = []
        for reading in (text, *candidates(octets, charset, text)):
            for body in _reading(leaf, _lines(reading), self._shown):
                self.bodies.append(body)
                self._disguised(leaf.number, body.text)
                if body.html:
                    pages.append(body.text.encode("utf-8", "replace"))
        # Tags may part what a reader of the page sees in one piece.
        self._within(leaf.number, b"\n".join((octets, *pages)))

    def _add(self, number: str, text: str) -> None:
        text = _lines(text)
        self.bodies.append(Body(part=number, text=text))
        self._disguised(number, text)

    def _disguised(self, number: str, text: str) -> None:
        self.bodies += [Body(part=number, text=_lines(other)) for other in disguised(text)]

    def _armored(self, number: str, octets: bytes) -> None:
        """Take what stands in OpenPGP messages that everybody can read."""
        try:
            contents = openpgp.messages(octets)
        except openpgp.NotReadError:
            self._tree.note("encrypted", number, hides=True)
            return
        for content in contents:
            self._add(number, guess(content))

    def _within(self, number: str, octets: bytes) -> None:
        """Take the files that stand in the text of one part."""
        for raw_name, content in embedded(octets):
            if raw_name is BASE64 and len(content) < _FEW_OCTETS:
                self._add(number, guess(content))
                continue
            if self._embedded >= _MOST_EMBEDDED:
                self._tree.note("too-many-embedded", number, hides=True)
                break
            self._embedded += 1
            name = "" if raw_name is BASE64 else _name(raw_text(raw_name))
            self.attachments.append(
                Attachment(
                    part=number,
                    name=name or f"part-{number}{' base64' if raw_name is BASE64 else ''}",
                    content_type="application/octet-stream",
                    octets=content,
                )
            )


def _is_suspicious(defect: Defect) -> bool:
    """Whether another program may see other parts than the walk did."""
    return defect.code == "parted-text" or (defect.hides_content and defect.code in _SUSPICIOUS)


def _key(head: Head, octets: bytes) -> tuple[bool, str, bytes]:
    """Tell parts apart that say different things, however their lines end."""
    kind = head.content_type
    page = kind.value == "text/html"
    charset = kind.params.get("charset", "") if _is_body(head) else ""
    return page, charset, octets.translate(None, b"\r").rstrip(b"\n")


def _is_body(head: Head) -> bool:
    kind = head.content_type.value
    named = "filename" in head.disposition.params or "name" in head.content_type.params
    if kind.startswith("multipart/") or kind in MESSAGES:
        return True  # one that could not be taken apart: its raw text is what there is to search
    return kind in _READ_AS_TEXT and not named and head.disposition.value != "attachment"


def _reading(leaf: Leaf, text: str, shown: set[str]) -> Iterator[Body]:
    """Give what a decoded text part says; *shown* collects the Content-IDs that a page shows."""
    kind = leaf.head.content_type
    if kind.value == "text/html":
        shown.update(unquote(cid) for cid in _CID.findall(text))
        read = page(text)
        yield Body(part=leaf.number, text=read.text, html=True)
        if read.aside:
            yield Body(part=leaf.number, text=read.aside, html=True)
        return
    if kind.params.get("format", "").lower() == "flowed":
        text = unflow(text, delsp=kind.params.get("delsp", "").lower() == "yes")
    yield Body(part=leaf.number, text=text)


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _attachment(leaf: Leaf, octets: bytes, shown: set[str], *, removes: bool) -> Attachment:
    kind, disposition = leaf.head.content_type, leaf.head.disposition
    name = _name(disposition.params.get("filename", "")) or _name(kind.params.get("name", ""))
    cid = leaf.head.get("content-id").strip().strip("<>")
    return Attachment(
        part=leaf.number,
        name=name or f"part-{leaf.number}{_SUFFIXES.get(kind.value, '')}",
        content_type=kind.value,
        octets=octets,
        charset=kind.params.get("charset"),
        inline=bool(cid) and cid in shown,
        removable=removes,
    )


def _name(text: str) -> str:
    """Make a file name fit to be shown in one line."""
    return _UNPRINTABLE.sub(" ", text).strip()[:_NAME_CHARS]
