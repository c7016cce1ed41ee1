"""
SMTP in: clients' connections, up to a `Submission` with its open upstream transaction.

    addresses    argument of MAIL and RCPT → address and parameters
    arguments    whether we take them
    answers      what clients are told, in words of ours
    data         where a message ends, and whether it can be taken
    connection   lines in, replies out, time, and the end of a connection
    mailing      MAIL, RCPT and DATA, and the same at the upstream beside them
    session      what a client may say, and what it is told
    server       listeners: who gets in, and how everybody gets out
"""

from guard.submission.mailing import Accept
from guard.submission.server import SubmissionServer

__all__ = ["Accept", "SubmissionServer"]
