"""
Where contacts, sent mail and lists come from, as the settings name it.

    source     what each promises, and the one that settings mean
    files      CSV, vCard and JSON lines; mbox, Maildir and folders of .eml
    directory  LDAP and Active Directory
    mailbox    IMAP
    customers  customer lists, from files or a `query`
    secret     passwords, from their files

What they read stands in `guard.contacts.sources`. Everything here blocks, and runs in a thread.
"""

from guard.sources.source import Source, source_of

__all__ = ["Source", "source_of"]
