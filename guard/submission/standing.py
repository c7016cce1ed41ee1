"""What is known of the client of a session, and whether it may mail."""

from guard.model.envelope import Submitter
from guard.model.reply import Reply
from guard.ports import Login
from guard.submission.answers import LOGIN_FIRST, NO_RELAY, TLS_FIRST
from guard.submission.entry.listener import Listener
from guard.submission.entry.xclient import Introduction
from guard.submission.login.names import address_by_name


class Standing:
    """Who a client says it is, who it proved to be, and what a proxy says of it."""

    def __init__(self, listener: Listener, *, login_domain: str | None) -> None:
        """*login_domain* stands behind a login without one, where a proxy has checked it."""
        self.helo = ""
        """The name given in HELO or EHLO; empty before."""

        self.is_extended = False
        """Whether it was EHLO."""

        self.proved: Login | None = None
        """Whom we have logged in."""

        self._listener = listener
        self._login_domain = login_domain
        self._vouched: Login | None = None
        self._vouched_helo = ""

    @property
    def login(self) -> Login | None:
        """Who the client is, by our own word or the proxy's."""
        return self.proved or self._vouched

    def forget(self) -> None:
        """Be as after the greeting; only what a proxy said of its client stays."""
        self.helo, self.is_extended, self.proved = "", False, None

    def introduce(self, said: Introduction) -> None:
        """
        Take a proxy's word. With an address it speaks of another client than before.

        Proxies may part what they say into several commands, the address first.
        """
        if said.address is not None:
            self._vouched, self._vouched_helo = None, ""
        if said.helo is not None:
            self._vouched_helo = said.helo
        if said.login is not None:
            address = address_by_name(said.login, domain=self._login_domain)
            self._vouched = Login(name=said.login, address=address) if said.login else None

    def mail_refusal(self, peer: str, *, tls: bool) -> Reply | None:
        """Say why the client at *peer* may not mail, or not yet; *tls*: it is under TLS."""
        listen = self._listener.listen
        if self.login is not None:
            return None
        if peer in self._listener.trusted and listen.auth != "required":
            return None
        if listen.tls == "starttls" and not tls:
            return TLS_FIRST
        return LOGIN_FIRST if listen.auth != "none" else NO_RELAY

    def submitter(self, peer: str, *, tls: bool) -> Submitter:
        """Write down who hands us a message."""
        login = self.login
        return Submitter(
            peer=peer,
            helo=self._vouched_helo or self.helo,
            login=login.name if login is not None else None,
            address=login.address if login is not None else None,
            tls=tls,
        )
