"""
SMTP in: clients' connections, up to a `Submission` with its open upstream transaction.

    addresses    argument of MAIL and RCPT → address and parameters
    arguments    whether we take them
    answers      what clients are told, in words of ours
    data         where a message ends, in whatever pieces it comes
    intake       how much of it may come, what may stand in it, and where it is kept
    spool        large messages in a file that nobody can read
    chunks       a message that comes by BDAT
    wire         octets in and out, TLS, and the end of a connection
    connection   lines in, replies out, and time
    tls          certificates, and how they are exchanged
    proxy        the PROXY header before the first octet of a client
    xclient      what a proxy says of the client that it speaks for
    door         one [[listen]]: its sockets, its certificate, whom it lets do what
    mailing      MAIL, RCPT, DATA or BDAT, and the same at the upstream beside them
    standing     who a client is, as far as that is known, and whether it may mail
    announce     what EHLO offers
    house        what all sessions share
    session      what a client may say, and what it is told
    crowd        how many there may be
    server       who gets in, and how everybody gets out
"""

from guard.submission.mailing import Accept
from guard.submission.server import SubmissionServer

__all__ = ["Accept", "SubmissionServer"]
