"""Contacts from lines of JSON, and from entries of a directory."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.contacts.sources.changes import Broken
from guard.contacts.sources.entries import read_entry
from guard.contacts.sources.people import read_people
from guard.model.contact import Contact, Exchange

_TWO = ["a@n.example||", "b@n.example||"]
_NONE = "company: uid=x: “” is not an e-mail address (no @ between local part and domain)"
ANN = {"address": "ann@north.example", "name": "Ann", "company": "North"}


def test_lines() -> None:
    """Addresses and events may stand in one file; what is to be judged is passed over."""
    mail = {"id": "1", "ts": 0, "sender": ANN, "to": [ANN]}
    rows = [
        ANN,
        {"address": " ＢＥＬＬ＠north.example"},
        {"op": "directory", "contacts": [ANN, ANN]},
        {"op": "learn", "message": mail},
        {"op": "judge", "case": "1", "message": mail},
    ]
    lines = [json.dumps(row).encode() for row in rows]

    found = list(read_people([*lines, b"", b"  "], "x"))

    assert [type(each) for each in found] == [*[Contact] * 4, Exchange]
    assert found[0] == found[2]
    assert isinstance(found[0], Contact)
    assert (found[0].name, found[0].company) == ("Ann", "North")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"{", "x:2: is no JSON"),
        (b"\xff{}", "x:2: is no JSON"),
        (b"[" * 100_000, "x:2: is no JSON"),
        (b"[]", 'x:2: has no "address"'),
        (b"3", 'x:2: has no "address"'),
        (b'{"address": 3}', 'x:2: has no "address"'),
        (b'{"address": "ann at north"}', "x:2: “ann at north” is not an e-mail address"),
        (b'{"address": "\\ud800@x"}', "x:2: “�@x” is not an e-mail address"),
        (b'{"op": "send"}', "x:2: not an event"),
        (b'{"op": "learn"}', "x:2: not an event"),
        (b'{"op": "directory", "contacts": [{"name": "A"}]}', 'x:2: has no "address"'),
        (b'{"op": "directory"}', "x:2: not an event"),
    ],
)
def test_broken_lines(line: bytes, message: str) -> None:
    """A broken line is told with its number, and the next one comes."""
    first, broken, last = read_people([json.dumps(ANN).encode(), line, b'{"address": "b@x"}'], "x")
    assert isinstance(first, Contact)
    assert isinstance(broken, Broken)
    assert broken.message.startswith(message)
    assert broken.message.encode()
    assert isinstance(last, Contact)


@given(st.lists(st.binary(max_size=60), max_size=5))
def test_any_lines(lines: list[bytes]) -> None:
    """Any octets are contacts, mails and broken lines."""
    for each in read_people(lines, "x"):
        assert isinstance(each, Contact | Exchange | Broken)


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({"mail": ["ann@n.example"], "displayName": ["Ann"], "cn": ["x"]}, ["ann@n.example|Ann|"]),
        ({"mail": ["ann@n.example"], "cn": ["Ann"], "o": ["North"]}, ["ann@n.example|Ann|North"]),
        (
            {"mail": ["ann@n.example"], "sn": ["佐藤"], "givenName": ["健"]},
            ["ann@n.example|佐藤 健|"],
        ),
        (
            {
                "mail": ["ann@n.example"],
                "proxyAddresses": [
                    "smtp:a@n.example",
                    "SMTP:Ann@N.example",
                    "smtp:old@n.example",
                    "X500:/o=North",
                    "sip:ann@n.example",
                    "nonsense",
                ],
                "COMPANY": ["North"],
            },
            ["ann@n.example||North", "a@n.example||North", "old@n.example||North"],
        ),
        (
            {"proxyaddresses": ["smtp:b@n.example", "SMTP:a@n.example"]},
            ["a@n.example||", "b@n.example||"],
        ),
        (
            {"mail": [""]},
            ["company: uid=x: “” is not an e-mail address (no @ between local part and domain)"],
        ),
        ({}, []),
    ],
)
def test_entries(attributes: dict[str, list[str]], expected: list[str]) -> None:
    """Names and addresses stand where OpenLDAP and Active Directory have them."""
    encoded = {key: [value.encode() for value in values] for key, values in attributes.items()}
    found: list[Any] = list(read_entry("uid=x", encoded, "company"))
    assert [
        each.message
        if isinstance(each, Broken)
        else f"{each.address.text}|{each.name}|{each.company}"
        for each in found
    ] == expected


@given(st.dictionaries(st.sampled_from(["mail", "cn", "proxyAddresses"]), st.lists(st.binary())))
def test_any_entry(attributes: dict[str, list[bytes]]) -> None:
    """Any octets are contacts and broken parts."""
    for each in read_entry("uid=x", attributes, "company"):
        assert isinstance(each, Contact | Broken)
