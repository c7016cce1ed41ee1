"""
Addresses and file names as keyed hashes, of which a policy can still ask for what it names.

An address is hashed in pieces: its local part, and its domain with each domain above it. So who has
the key can ask for ``ann@partner.example``, ``*@partner.example``, ``*@*.partner.example`` and
``sales@*``, and for nothing that they cannot name. What a pattern like ``*-team@*`` said when the
mail was judged is kept as a tag beside the hashes.
"""

import hashlib
import hmac
import re
from base64 import b32encode
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from guard.model.address import Address
from guard.policy.globs import Glob, fold

SIGNS: Final = 10
"""Length of a hash in base32: 50 bits, for some thousand names among some million."""

MOST_LEVELS: Final = 6
"""Domains that are hashed for one address, from the whole one upwards."""

_LABEL: Final = b"guard pseudonyms of features v1"
_EXTENSION: Final = re.compile(r"[a-z0-9]{1,8}")
_SPLIT: Final = "!"
_TAG: Final = "\x02"
"""Stands in no address and no file name: marks what a pattern said in the one that is rebuilt."""


class Pseudonyms:
    """Writes names as hashes by one key."""

    def __init__(self, key: bytes, key_id: str = "") -> None:
        self.key_id: Final = key_id
        self._key: Final = hmac.digest(key, _LABEL, hashlib.sha256)
        self._remembered: Final = lru_cache(maxsize=16_384)(self._hash)
        self._addresses: Final = lru_cache(maxsize=8_192)(self._address)

    def address(self, address: Address, globs: tuple[Glob, ...] = ()) -> str:
        """Give ``local@domain.above.…``, each a hash; then the tags of the *globs* it is of."""
        return self._addresses(address, address.text, globs)

    def _address(self, address: Address, _: str, globs: tuple[Glob, ...]) -> str:
        labels = address.domain.split(".")
        levels = (".".join(labels[level:]) for level in range(min(len(labels), MOST_LEVELS)))
        name = f"{self.local(address.local)}@{'.'.join(map(self.domain, levels))}"
        return name + _tags(glob for glob in globs if glob.matches(address.key, address.text))

    def file(self, file: str, globs: Iterable[Glob] = ()) -> str:
        """Give a hash for each part of a path, with its extension; then the tags of *globs*."""
        if not file:
            return ""
        parts = file.split("/")
        name = "/".join(self.part(part) + extension(part) for part in parts)
        return name + _tags(glob for glob in globs if glob.matches(file, parts[-1]))

    def local(self, local: str) -> str:
        """Hash a local part, as `Address.local` has it."""
        return self._remembered("local", local)

    def domain(self, domain: str) -> str:
        """Hash a domain, as `Address.domain` has it."""
        return self._remembered("domain", domain)

    def part(self, name: str) -> str:
        """Hash the name of a file or folder."""
        return self._remembered("file", fold(name))

    def _hash(self, kind: str, text: str) -> str:
        told = f"{kind}\0{text}".encode(errors="replace")
        return b32encode(hmac.digest(self._key, told, hashlib.sha256))[:SIGNS].decode().lower()


class Dictionary:
    """Reads what `Pseudonyms` wrote, as far as somebody names what stands there."""

    def __init__(
        self,
        pseudonyms: Pseudonyms,
        *,
        locals_: Iterable[str] = (),
        domains: Iterable[str] = (),
        files: Iterable[str] = (),
    ) -> None:
        self._locals: Final = {pseudonyms.local(each): each for each in locals_}
        self._domains: Final = {pseudonyms.domain(each): each for each in domains}
        self._files: Final = {pseudonyms.part(each): each for each in files}
        self._addresses: Final[dict[str, Address]] = {}

    def address(self, name: str) -> Address:
        """
        Give an address that policies can be asked about; what nobody named stays a hash.

        Where a domain above is known, it ends in that: ``k3v….partner.example``.
        """
        found = self._addresses.get(name)
        if found is None:
            if len(self._addresses) > 200_000:  # a year of a big house; they are made again
                self._addresses.clear()
            found = self._addresses[name] = self._address(name)
        return found

    def _address(self, name: str) -> Address:
        plain, _, tags = name.partition(_SPLIT)
        hashed, _, levels = plain.partition("@")
        local = self._locals.get(hashed, hashed)
        domain = self._domain(levels.split("."))
        return Address(text=f"{local}@{domain}{_told(tags)}", local=local, domain=domain)

    def _domain(self, levels: list[str]) -> str:
        for number, level in enumerate(levels):
            if level in self._domains:
                known = self._domains[level]
                return f"{levels[0]}.{known}" if number else known
        return levels[0]

    def file(self, name: str) -> str:
        """Give a file name of which the extension is the real one, and what was named the rest."""
        plain, _, tags = name.partition(_SPLIT)
        parts = []
        for part in plain.split("/"):
            hashed, _, _ = part.partition(".")
            parts.append(self._files.get(hashed, part))
        return _told(tags) + "/".join(parts)


def tag(glob: Glob) -> str:
    """Name a pattern."""
    digest = hashlib.blake2b(fold(glob.text).encode(errors="replace"), digest_size=5)
    return digest.hexdigest()


def tagged(glob: Glob) -> Glob:
    """Give the pattern that matches what was rebuilt with the tag of *glob*."""
    return Glob(f"*{_TAG}{tag(glob)}{_TAG}*")


def extension(name: str) -> str:
    """Give what follows the last dot, with it, where that looks like the kind of a file."""
    found = fold(name).rpartition(".")[2] if "." in name else ""
    return f".{found}" if _EXTENSION.fullmatch(found) else ""


def bare(name: str) -> str:
    """Give a name without its tags: two mails by two policies name one address alike."""
    return name.partition(_SPLIT)[0]


def _tags(globs: Iterable[Glob]) -> str:
    tags = [tag(glob) for glob in globs]
    return _SPLIT + ".".join(tags) if tags else ""


def _told(tags: str) -> str:
    return f"{_TAG}{_TAG.join(tags.split('.'))}{_TAG}" if tags else ""
