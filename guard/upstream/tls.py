"""What TLS to the upstream has to prove (RFC 3207, RFC 8314, RFC 9525)."""

import ssl
from pathlib import Path
from typing import Final

import structlog
from prometheus_client import Counter

from guard.config import Route
from guard.host.watched import Watched
from guard.model.errors import UpstreamError

log = structlog.get_logger()

TLS_REFUSED = Counter(
    "guard_upstream_tls_refused",
    "Connections given up before any mail or login: TLS was missing, failed, or not trusted, or "
    "octets were injected before it. Alarm on it.",
    ["reason"],
)

CERTAIN: Final = frozenset({"required", "implicit"})
"""The settings of `tls` under which it is certain who the upstream is."""


class Contexts:
    """
    The TLS settings of one route, made once, and again when one of their files changes.

    A new file that cannot be used is told of, and the old settings stay in force.
    """

    def __init__(self, route: Route) -> None:
        self._route = route
        authorities = route.ca or ssl.get_default_verify_paths().cafile
        files = (route.certificate, authorities)
        self._files = Watched(Path(file) for file in files if file is not None)
        self._context: ssl.SSLContext | None = None

    def current(self) -> ssl.SSLContext:
        """
        Give the settings.

        Raises:
            UpstreamError: The files cannot be used, and never could.
        """
        if self._files.changed() or self._context is None:
            try:
                self._context = tls_context(self._route)
            except OSError as error:  # SSLError is one
                if self._context is None:
                    raise UpstreamError(refused("a certificate file cannot be used")) from error
                log.error("upstream.certificate_refused", error=type(error).__name__)  # noqa: TRY400
        return self._context


def tls_context(route: Route) -> ssl.SSLContext:
    """Give the TLS settings of *route*; only opportunistic TLS takes any certificate."""
    checked = route.tls != "opportunistic"
    context = ssl.create_default_context(cafile=route.ca if checked else None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if not checked:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if route.certificate is not None:
        context.load_cert_chain(route.certificate)
    return context


def refused(reason: str) -> str:
    """Count and log that a connection was given up for want of TLS; gives *reason* back."""
    TLS_REFUSED.labels(reason).inc()
    log.error("upstream.tls_refused", reason=reason)
    return reason
