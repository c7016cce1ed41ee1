"""
What the flow needs from outside, as small promises; adapters need not inherit from them.

    judging   Clock, Readers, Contacts, Suspicions, Lists: what a mail is judged by
    upstream  Upstream and its Transaction: the way out
    logins    Authenticator: who a client is
    holds     HoldStore: held mail and its audit log
    outbox    Outbox: jobs for later
    past      Past: what is kept of judged mail, to try a policy on

Each port has one contract suite in `tests/contract/`, run over every adapter.
"""

from guard.ports.holds import MACHINE, AuditEntry, HoldStore, Kept, Linked
from guard.ports.judging import Clock, Contacts, Lists, Readers, Suspicions, Uncounted
from guard.ports.logins import Authenticator, Credentials, Login, OwnUpstream
from guard.ports.outbox import Outbox
from guard.ports.past import Forgotten, Past
from guard.ports.upstream import GoOn, Outcome, Transaction, Upstream

__all__ = [
    "MACHINE",
    "AuditEntry",
    "Authenticator",
    "Clock",
    "Contacts",
    "Credentials",
    "Forgotten",
    "GoOn",
    "HoldStore",
    "Kept",
    "Linked",
    "Lists",
    "Login",
    "Outbox",
    "Outcome",
    "OwnUpstream",
    "Past",
    "Readers",
    "Suspicions",
    "Transaction",
    "Uncounted",
    "Upstream",
]
