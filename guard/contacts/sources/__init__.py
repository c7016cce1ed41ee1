"""
Contacts and sent mail as files and servers have them, read into values.

    changes   what every reader gives: contacts, mail, parts that are broken, marks to go on from
    table     CSV and TSV
    vcard     vCard 2.1, 3.0 and 4.0
    people    JSON lines: addresses, or events
    entries   entries of a directory (LDAP, Active Directory)
    sent      mail that was sent, of any kind of store
    mbox      where one message of an mbox ends

Servers are asked by `guard.sources`.
"""

from guard.contacts.sources.sent import events_file, exchange_of, read_sent

__all__ = ["events_file", "exchange_of", "read_sent"]
