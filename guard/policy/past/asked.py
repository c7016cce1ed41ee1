"""What a policy names, and which of its patterns the hashes of past mail cannot answer."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from pydantic import BaseModel

from guard.model.address import Address
from guard.model.finding import Finding, ListLike, Mark, ProtectedNumbers
from guard.names.freemail import DOPPELGANGERS, FREE_MAIL
from guard.policy.globs import Glob, fold
from guard.policy.part import Part
from guard.policy.past.pseudonyms import Dictionary, Pseudonyms, extension, tag, tagged
from guard.policy.schema import Policy

_CONTENT: Final[Mapping[type[Finding], str]] = {
    ListLike: "looks_like_list",
    ProtectedNumbers: "numbers",
    Mark: "marked",
}

_FILES: Final = "name"
"""The setting whose patterns are of files; all others are of addresses."""

ANSWERED: Final = {
    "recipient": frozenset(
        {
            *("resembles", "closeness", "alike_in", "first_time", "outside", "address", "group"),
            *("free_mail", "role", "new_domain", "mistyped_provider", "joins_thread"),
        }
    ),
    "recipients": frozenset({"never_together"}),
    "attachment": frozenset(
        {
            *("contains", "at_least", "of_other_companies", "looks_like_list", "numbers"),
            *("marked", "name", "kind", "of_another_company", "unreadable"),
        }
    ),
    "body": frozenset(
        {"contains", "at_least", "of_other_companies", "looks_like_list", "numbers", "marked"}
    ),
    "visible_outside_domains": frozenset({"at_least"}),
    "visible_outside_recipients": frozenset({"at_least"}),
    "greeting": frozenset({"names_someone_else", "names_other_company"}),
    "sender": frozenset({"not_theirs", "from_outside", "address", "group"}),
    "time": frozenset({"between", "days"}),
}
"""
Conditions that features answer; of any other, as words in a subject, it is said that they cannot.

A new condition is put here once a test has shown that its answer is the same.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What one policy asks of addresses, files and lists."""

    addresses: tuple[Glob, ...]
    """Patterns of addresses that hashes cannot answer; so are those of `files`."""

    files: tuple[Glob, ...]
    domains: frozenset[str]
    locals_: frozenset[str]
    file_names: frozenset[str]
    lists: tuple[str, ...]
    content: tuple[str, ...]
    """Conditions on what is found without a list; nobody looks for it where no rule asks."""

    unanswered: tuple[str, ...]
    """Conditions of which features know nothing: ``rule-id: subject``."""

    @classmethod
    def by(cls, policy: Policy) -> Self:
        """Read *policy*."""
        globs = list(dict.fromkeys(_globs(policy)))
        addresses = [glob for name, glob in globs if name != _FILES]
        files = [glob for name, glob in globs if name == _FILES]
        literal = [_parts(glob) for glob in addresses]
        mailboxes = tuple(dict.fromkeys(_addresses(policy)))
        return cls(
            addresses=tuple(glob for glob in addresses if not _answers_address(glob)),
            files=tuple(glob for glob in files if not _answers_file(glob)),
            domains=frozenset(
                {
                    *policy.us.domains,
                    *(box.domain for box in mailboxes),
                    *(above for _, domain in literal if _plain(above := domain.removeprefix("*."))),
                    *(text for text in _texts(policy) if "." in text and " " not in text),
                }
            ),
            locals_=frozenset(
                {*(box.local for box in mailboxes), *(each for each, _ in literal if _plain(each))}
            ),
            file_names=frozenset(
                part for glob in files if _plain(glob.text) for part in fold(glob.text).split("/")
            ),
            lists=policy.list_names,
            content=tuple(sorted(_CONTENT[kind] for kind in policy.content_wanted)),
            unanswered=tuple(dict.fromkeys(_unanswered(policy))),
        )

    @property
    def tags(self) -> list[str]:
        """Names of the patterns whose answers are kept beside the hashes."""
        return sorted({tag(glob) for glob in (*self.addresses, *self.files)})


def dictionary(pseudonyms: Pseudonyms, *asked: Asked) -> Dictionary:
    """Give what reads names as far as any of these policies names them."""
    return Dictionary(
        pseudonyms,
        locals_=frozenset().union(*(one.locals_ for one in asked)),
        domains=FREE_MAIL.union(DOPPELGANGERS, *(one.domains for one in asked)),
        files=frozenset().union(*(one.file_names for one in asked)),
    )


def replayable(policy: Policy) -> Policy:
    """Give *policy* with such patterns as what `Dictionary` gives can be asked about."""

    def change(name: str, glob: Glob) -> Glob:
        answers = _answers_file(glob) if name == _FILES else _answers_address(glob)
        return glob if answers else tagged(glob)

    changed: Policy = _changed(policy, change, "")
    return changed


def _changed(value: Any, change: Callable[[str, Glob], Glob], name: str) -> Any:
    match value:
        case Glob():
            return change(name, value)
        case Part():
            update = {
                field: new
                for field in type(value).model_fields
                if (new := _changed(old := getattr(value, field), change, field)) is not old
            }
            return value.changed(**update) if update else value
        case dict():
            entries = {key: _changed(item, change, name) for key, item in value.items()}
            return entries if any(entries[key] is not value[key] for key in value) else value
        case tuple():
            items = tuple(_changed(item, change, name) for item in value)
            same = all(new is old for new, old in zip(items, value, strict=True))
            return value if same else items
    return value


def _walk(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Give every single value below *value*, with the setting that it stands under."""
    match value:
        case BaseModel():
            for field in type(value).model_fields:
                if field not in {"message", "because", "lists"}:  # words for people
                    yield from _walk(getattr(value, field), field)
        case dict():
            for key, item in value.items():
                yield name, key
                yield from _walk(item, name)
        case tuple() | frozenset() | list():
            for item in value:
                yield from _walk(item, name)
        case _:
            yield name, value


def _globs(policy: Policy) -> Iterator[tuple[str, Glob]]:
    return ((name, value) for name, value in _walk(policy) if isinstance(value, Glob))


def _addresses(policy: Policy) -> Iterator[Address]:
    return (value for _, value in _walk(policy) if isinstance(value, Address))


def _texts(policy: Policy) -> Iterator[str]:
    return (fold(value) for _, value in _walk(policy) if isinstance(value, str))


def _unanswered(policy: Policy) -> Iterator[str]:
    for rule in policy.rules:
        for word in type(rule.when).model_fields:
            condition = getattr(rule.when, word)
            if condition is None:
                continue
            if not isinstance(condition, BaseModel) or word not in ANSWERED:
                yield f"{rule.id}: {word}"
                continue
            for each in condition.model_fields_set - ANSWERED[word]:
                yield f"{rule.id}: {word}.{each}"


def _parts(glob: Glob) -> tuple[str, str]:
    local, _, domain = fold(glob.text).rpartition("@")
    return local, domain


def _plain(text: str) -> bool:
    return bool(text) and "*" not in text and "?" not in text


def _answers_address(glob: Glob) -> bool:
    """Whether hashes say if an address is of it: ``*``, names, and domains above."""
    local, domain = _parts(glob)
    if "@" not in glob.text:
        return set(glob.text) == {"*"}
    above = domain.removeprefix("*.")
    return (local == "*" or _plain(local)) and (domain == "*" or _plain(above))


def _answers_file(glob: Glob) -> bool:
    """Whether the hash of a name, or its extension, says if a file is of it."""
    text = fold(glob.text)
    kind = text.removeprefix("*")
    of_kind = text.startswith("*.") and _plain(kind) and extension(kind) == kind
    return _plain(text) or set(text) == {"*"} or of_kind
