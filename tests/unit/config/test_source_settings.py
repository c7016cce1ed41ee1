"""Settings of sources: what each kind needs, and how errors are told."""

from pathlib import Path

import pytest

from guard.config import load
from guard.config.sources import FileSource, ImapSource, LdapSource, MailSource
from guard.model.errors import SettingsError

WHOLE = """
[contacts]
sync_at = "04:30"

[[source]]
name = "crm"
kind = "csv"
path = "crm.csv"

[[source]]
name = "company"
kind = "ldap"
url = "ldaps://ldap.example"
base = "dc=example"
bind_dn = "cn=guard"
password_file = "ldap.password"

[[source]]
name = "送信"
kind = "maildir"
path = "/var/mail/x"
before = 2026-11-01

[[source]]
name = "sent"
kind = "imap"
address = "imap.example:993"
user = "ann"
password_file = "imap.password"
"""


def test_kinds(tmp_path: Path) -> None:
    """Each kind has keys of its own; paths start at the file's folder."""
    file = tmp_path / "guard.toml"
    file.write_text(WHOLE, "utf-8")

    settings = load(file)

    assert [type(each) for each in settings.source] == [
        FileSource,
        LdapSource,
        MailSource,
        ImapSource,
    ]
    crm, company, *_ = settings.source
    assert isinstance(crm, FileSource)
    assert isinstance(company, LdapSource)
    assert (crm.path, company.password_file) == (tmp_path / "crm.csv", tmp_path / "ldap.password")
    assert settings.contacts.sync_at == "04:30"


@pytest.mark.parametrize(
    ("line", "instead", "told"),
    [
        ('kind = "csv"', 'kind = "cvs"', r':5:\d+ .*kind: "cvs" is not one of csv.*mean "csv"'),
        ('kind = "csv"', "", r":5:\d+ .*kind is missing"),
        ('path = "crm.csv"', 'pth = "crm.csv"', r':8:1 .*"pth" is not a setting here .*"path"'),
        ('path = "crm.csv"', "", r":5:\d+ .*path is missing"),
        ('name = "crm"', 'name = "import"', r':6:\d+ .*other than "import"'),
        ('name = "crm"', 'name = "sent"', r'two sources are called "sent"'),
        ('base = "dc=example"', "", r"base is missing"),
        ('url = "ldaps://ldap.example"', 'url = "ldap.example"', r":13:\d+ .*ldaps://ldap.example"),
        (
            'url = "ldaps://ldap.example"',
            'url = "ldaps://x:abc"',
            r":13:\d+ .*you wrote ldaps://x:abc",
        ),
        ('bind_dn = "cn=guard"', "", r":10:\d+ .*bind_dn and password_file go together"),
        ("before = 2026-11-01", 'before = "soon"', r":22:\d+ .*before"),
        ('user = "ann"', 'user = "ann"\ntls = "none"', r":24:\d+ .*would show the password"),
        ('user = "ann"', 'user = "ann"\npassword = "x"', r':29:1 .*"password" is not a setting'),
        ('sync_at = "04:30"', 'sync_at = "4:30"', r':3:\d+ .*write a time like "03:00"'),
    ],
)
def test_wrong(tmp_path: Path, line: str, instead: str, told: str) -> None:
    """File, line and word are named, and what to write."""
    file = tmp_path / "guard.toml"
    assert line in WHOLE
    file.write_text(WHOLE.replace(line, instead, 1), "utf-8")
    with pytest.raises(SettingsError, match=told):
        load(file)
