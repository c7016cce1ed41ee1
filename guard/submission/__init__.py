"""
SMTP in: clients' connections, up to a `Submission` with its open upstream transaction.

    answers      what clients are told, in words of ours
    entry/       how a client comes in: sockets, proxies before it, TLS, lines
    login/       who it is, where it proves that
    mail/        its mail transaction, and the message
    standing     who a client is, as far as that is known, and whether it may mail
    announce     what EHLO offers
    house        what all sessions share
    session      what a client may say, and what it is told
    crowd        how many there may be
    server       who gets in, and how everybody gets out
"""

from guard.submission.mail.mailing import Accept
from guard.submission.server import SubmissionServer

__all__ = ["Accept", "SubmissionServer"]
