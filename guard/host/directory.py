"""
Connections to a directory: OpenLDAP, Active Directory (RFC 4511).

The library, python-ldap, is an extra of ours: whoever asks a directory imports it and hands it on.
"""

from pathlib import Path
from typing import Any


def prepared(ldap: Any, url: str, *, ca: Path | None, patience_s: float) -> Any:
    """
    Prepare a connection by the library *ldap*, of which nothing is sent yet; certificates count.

    Raises:
        ValueError: The library cannot use the file *ca*.
    """
    connection = ldap.initialize(url)
    connection.protocol_version = ldap.VERSION3
    connection.timeout = patience_s
    for option, value in (
        (ldap.OPT_NETWORK_TIMEOUT, patience_s),
        (ldap.OPT_TIMEOUT, patience_s),
        (ldap.OPT_REFERRALS, ldap.OPT_OFF),  # the password is for this directory alone
        (ldap.OPT_X_TLS_REQUIRE_CERT, ldap.OPT_X_TLS_DEMAND),
        (ldap.OPT_X_TLS_PROTOCOL_MIN, ldap.OPT_X_TLS_PROTOCOL_TLS1_2),
        *([(ldap.OPT_X_TLS_CACERTFILE, str(ca))] if ca else []),
        (ldap.OPT_X_TLS_NEWCTX, 0),  # last: it puts the others in force
    ):
        connection.set_option(option, value)
    return connection
