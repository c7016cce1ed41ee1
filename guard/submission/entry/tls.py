"""Certificates of a listener: loaded at start, swapped while running, and the clients' own."""

import ssl
import stat
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import prometheus_client
import structlog

from guard.config import Listen
from guard.host.watched import Watched
from guard.model.errors import SettingsError
from guard.problems import Problem

log = structlog.get_logger()

CURRENT: Final = prometheus_client.Gauge(
    "guard_certificate_last_reload_successful",
    "1, or 0 while a bad certificate file is passed over for the last good one.",
    ["listener"],
    multiprocess_mode="livemin",
)
EXPIRES: Final = prometheus_client.Gauge(
    "guard_certificate_expires_timestamp_seconds",
    "When the certificate that clients are shown runs out.",
    ["listener"],
    multiprocess_mode="livemin",
)

FAILED: Final = prometheus_client.Counter(
    "guard_submission_tls_failed", "TLS handshakes with clients that did not succeed."
)

HANDSHAKE_S: Final = 30.0
"""Seconds for a TLS handshake."""

GOODBYE_S: Final = 5.0
"""Seconds to wait for a client's close_notify when we hang up."""


class Certificates:
    """
    What one listener shows its clients.

    `context` is for the next connection; those that are there keep the one they began with.
    """

    def __init__(self, listen: Listen) -> None:
        """
        Load the files of *listen*.

        Raises:
            SettingsError: A file is missing or wrong; the problem names it, and what to do.
        """
        if listen.certificate is None:
            raise ValueError("a listener without a certificate has no use for this")
        self._certificate: Final = listen.certificate
        self._key: Final = listen.key or listen.certificate
        self._client_ca: Final = listen.client_ca
        self._listener: Final = listen.address
        files = (self._certificate, self._key, self._client_ca)
        self._files: Final = Watched(file for file in files if file is not None)
        self.context = self._load()
        CURRENT.labels(self._listener).set(1)

    def changed(self) -> bool:
        """Whether a file is another than when this was asked last, or than at the last loading."""
        return self._files.changed()

    def reload(self) -> bool:
        """Load the files again, for new connections; bad ones are told of and change nothing."""
        self._files.changed()  # what is loaded now is no news later, good or bad
        try:
            self.context = self._load()
        except SettingsError as error:
            CURRENT.labels(self._listener).set(0)
            problems = [str(problem) for problem in error.problems]
            log.error("certificate.refused", listener=self._listener, problems=problems)  # noqa: TRY400 -- a traceback says no more
            return False
        CURRENT.labels(self._listener).set(1)
        log.info("certificate.loaded", listener=self._listener)
        return True

    def _load(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_CIPHER_SERVER_PREFERENCE
        context.options |= ssl.OP_NO_RENEGOTIATION
        ends_at = _ends_at(self._certificate)
        _readable(self._key)
        try:
            # A password would be asked for on the terminal.
            context.load_cert_chain(self._certificate, self._key, password=lambda: "")
        except (OSError, ValueError):  # SSLError, too
            hint = "an unencrypted PEM key that belongs to the first certificate of the chain"
            raise _refused(self._key, "holds no key for this certificate", hint) from None
        if self._client_ca is not None:
            _readable(self._client_ca)
            try:
                context.load_verify_locations(self._client_ca)
            except OSError:  # SSLError, too
                hint = "write the certificates of the authorities into it, as PEM"
                raise _refused(self._client_ca, "holds no certificate", hint) from None
            context.verify_mode = ssl.CERT_OPTIONAL
        if ends_at < time.time():
            log.warning("certificate.expired", listener=self._listener)
        EXPIRES.labels(self._listener).set(ends_at)
        return context


def handshake_failed(error: OSError) -> None:
    """Count and tell it; of the client's octets nothing is repeated."""
    FAILED.inc()
    reason = error.reason if isinstance(error, ssl.SSLError) else ""
    log.info("handshake.failed", error=type(error).__name__, reason=reason)


def certified_identity(certificate: Mapping[str, Any] | None) -> str | None:
    """
    Say whom a client's verified *certificate* names: first a mail address, else a common name.

    *certificate* is as `ssl.SSLSocket.getpeercert` gives it: nothing, or empty, without one.
    """
    if not certificate:
        return None
    names = [value for kind, value in certificate.get("subjectAltName", ()) if kind == "email"]
    subject = [pair for name in certificate.get("subject", ()) for pair in name]
    names += [value for kind, value in subject if kind == "commonName"]
    return next((str(name) for name in names if name and str(name).isprintable()), None)


def _ends_at(file: Path) -> float:
    from cryptography import x509  # only where there is TLS

    try:
        chain = x509.load_pem_x509_certificates(_readable(file))
    except ValueError:
        hint = "write the server's certificate into it, then those of the authorities, as PEM"
        raise _refused(file, "holds no certificate", hint) from None
    return chain[0].not_valid_after_utc.timestamp()


def _readable(file: Path) -> bytes:
    hint = "name a file that the guard may read"
    try:
        # Anything else, such as a pipe, could keep us waiting for ever.
        if not stat.S_ISREG(file.stat().st_mode):
            raise _refused(file, "is no regular file", hint)
        return file.read_bytes()
    except OSError as error:
        raise _refused(file, f"cannot be read: {error.strerror}", hint) from None


def _refused(file: Path, message: str, hint: str) -> SettingsError:
    return SettingsError([Problem(file=str(file), line=0, message=message, hint=hint)], {})
