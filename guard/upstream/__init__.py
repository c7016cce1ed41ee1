"""
SMTP out: a small client that keeps its connections and sends octets as they are.

    patience     one timer a connection
    replies      octets → Reply, bounded and cleaned: the upstream is not trusted
    stuffing     message octets → what goes over the wire (RFC 5321 §4.5.2)
    commands     MAIL and RCPT lines, and what the upstream may lack for them
    connection   one connection: commands out, replies in, many in flight (RFC 2920)
    tls          whom a connection may lead to
    login        AUTH: our own, and those that are passed on
    circuit      a rest for an upstream that does not answer
    handshake    greeting, EHLO, TLS and AUTH
    transaction  MAIL, RCPT and DATA, with what became of each recipient
    turns        logins are checked a few at a time
    pool         connections kept for the next message
    own          the connection of one client who logged in at the upstream
"""

from guard.upstream.connection import Budgets
from guard.upstream.pool import UpstreamPool

__all__ = ["Budgets", "UpstreamPool"]
