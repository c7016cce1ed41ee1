"""
SMTP in: clients' connections, up to a `Submission` with its open upstream transaction.

    addresses    argument of MAIL and RCPT → address and parameters
    arguments    whether we take them
    answers      what clients are told, in words of ours
    data         where a message ends, and whether it can be taken
    connection   lines in, replies out, time, and the end of a connection
    session      what a client may say, and what it is told
    server       listeners: who gets in, and how everybody gets out
"""

from guard.submission.server import SubmissionServer
from guard.submission.session import Accept

__all__ = ["Accept", "SubmissionServer"]
