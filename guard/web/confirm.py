"""
The page that a notice leads to: `/m/{token}`.

GET, HEAD and OPTIONS change nothing, whoever opens the link. A POST with a choice does, once; of
two the first counts, and the other sees what became of it.
"""

import re
from collections.abc import Awaitable, Callable
from typing import Final
from urllib.parse import urlsplit

import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from guard.compose.language import LANGUAGES
from guard.compose.letterhead import Letterhead
from guard.model.errors import NoSuchHoldError, StaleHoldError
from guard.model.hold import Choice
from guard.ports import Clock, Linked
from guard.release import Answer, Desk, Unconfirmed
from guard.web.browser import family
from guard.web.form import NoForm, Said, TooLarge, is_ours, parse, read, room
from guard.web.headers import SecureHeaders
from guard.web.standing import is_asked, status
from guard.web.template import STATIC, render
from guard.web.view import question

_NO_ACTION: Final = frozenset({"action"})
_BOTH: Final = frozenset({"replace"})
"""The look-alike was ticked as right, and yet it was to be replaced."""

_TOO_SOON: Final = frozenset({"busy", "wait"})
_BUSY_S: Final = 10
"""Seconds after which another password may be tried, for a program that asks."""

_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{1,128}")

log = structlog.get_logger()

Answering = Callable[[Request], Awaitable[Response]]


def create_app(desk: Desk, *, letterhead: Letterhead, clock: Clock) -> Starlette:
    """
    Make the application that serves the sender's page.

    Links in it begin with the path of the public URL; a Host header is never believed.
    """
    page = _ConfirmPage(desk, letterhead, clock)
    routes: list[BaseRoute] = [
        Route("/m/{token}", page.handled(page.look), methods=["GET"]),
        Route("/m/{token}", page.handled(page.answer), methods=["POST"]),
        Route("/static/{name}", _static, methods=["GET"]),
        Route("/", page.home, methods=["GET"]),
    ]
    if page.base:  # behind a proxy that leaves the path as it is
        routes.append(Mount(page.base, routes=list(routes)))
    return Starlette(
        routes=routes,
        middleware=[Middleware(SecureHeaders)],
        exception_handlers={HTTPException: page.refused},
    )


class _ConfirmPage:
    """The handlers, with what they need."""

    def __init__(self, desk: Desk, letterhead: Letterhead, clock: Clock) -> None:
        self._desk = desk
        self._letterhead = letterhead
        self._clock = clock
        self.base = urlsplit(letterhead.public_url).path.rstrip("/")

    def handled(self, endpoint: Answering) -> Answering:
        """Turn whatever goes wrong into a page; the log gets the class of the error only."""

        async def answering(request: Request) -> Response:
            try:
                return await endpoint(request)
            except NoSuchHoldError:
                return self._plain("unknown", 404)
            except ClientDisconnect:
                return Response(status_code=400)
            except TooLarge:
                return self._plain("large", 413)
            except NoForm:
                return self._plain("form", 415)
            except Exception as error:  # noqa: BLE001 -- text and traceback could carry the token
                log.error("page.failed", error=type(error).__name__)  # noqa: TRY400
                return self._plain("away", 503, {"Retry-After": "30"})

        return answering

    async def look(self, request: Request) -> Response:
        """Show how the mail stands, and the question as long as it is open."""
        return self._page(request, await self._view(request))

    async def answer(self, request: Request) -> Response:
        """Take the sender's word, and send the browser back to look."""
        if not is_ours(request.headers, self._letterhead.public_url):
            return self._plain("foreign", 403)

        async def whole_form() -> int:
            return room((await self._view(request)).hold)

        token = _token(request)
        body = await read(request, whole_form)
        said = parse(request.headers.get("content-type", ""), body)
        try:
            choice = Choice(said.action)
        except ValueError:  # Enter in a text field, or a robot that fills in forms
            linked = await self._view(request)
            return self._page(request, linked, said, _NO_ACTION, status_code=422)
        answer = Answer(
            choice=choice,
            ticked=said.ticked,
            without=said.without,
            domain=said.domain,
            reason=said.reason,
            never_again=said.never_again,
            question=said.question,
            password=said.password,
            peer=_peer(request),
            browser=family(request.headers.get("user-agent", "")),
        )
        try:
            await self._desk.answer(token, answer)
        except Unconfirmed as lacking:
            return self._lacking(request, await self._view(request), said, lacking)
        except StaleHoldError:
            pass  # decided before: looking tells what became of it
        return RedirectResponse(self._here(request), status_code=303)

    async def home(self, request: Request) -> Response:  # noqa: ARG002
        """Say what this server is to somebody who typed its name."""
        return self._plain("home", 200)

    async def refused(self, request: Request, error: Exception) -> Response:  # noqa: ARG002
        """Answer paths and methods that there are not."""
        assert isinstance(error, HTTPException)  # noqa: S101 -- registered for this class alone
        if error.status_code == 404:
            return self._plain("unknown", 404)
        return Response(status_code=error.status_code, headers=error.headers)

    async def _view(self, request: Request) -> Linked:
        return await self._desk.view(_token(request), peer=_peer(request))

    def _here(self, request: Request, language: str | None = None) -> str:
        """Give the address of this page, in the language that was switched to."""
        chosen = language or _switched(request)
        query = f"?lang={chosen}" if chosen else ""
        return f"{self.base}/m/{_token(request)}{query}"

    def _lacking(
        self, request: Request, linked: Linked, said: Said, lacking: Unconfirmed
    ) -> Response:
        """Say what an answer lacks; where it came too soon, also when it would not."""
        soon = bool(lacking.missing & _TOO_SOON)
        page = self._page(
            request,
            linked,
            said,
            lacking.missing or _BOTH,
            wait_s=lacking.wait_s,
            status_code=429 if soon else 422,
        )
        if soon:
            page.headers["Retry-After"] = str(lacking.wait_s or _BUSY_S)
        return page

    def _page(
        self,
        request: Request,
        linked: Linked,
        said: Said | None = None,
        missing: frozenset[str] = frozenset(),
        *,
        wait_s: int = 0,
        status_code: int = 200,
    ) -> Response:
        hold, person = linked.hold, linked.person
        language = _switched(request) or (hold.language if hold.language in LANGUAGES else "en")
        frame = {
            "base": self.base,
            "here": self._here(request),
            "languages": {each: self._here(request, each) for each in reversed(LANGUAGES)},
        }
        now = self._clock()
        if is_asked(hold, person, now):
            shown = question(
                hold,
                language,
                self._letterhead,
                person=person,
                said=said,
                missing=missing,
                wait_s=wait_s,
            )
            html = render("question.html", language, page=shown, **frame)
        else:
            told = status(hold, language, self._letterhead, now=now, person=person)
            html = render("status.html", language, page=told, **frame)
        return HTMLResponse(html, status_code)

    def _plain(
        self, message: str, status_code: int, headers: dict[str, str] | None = None
    ) -> Response:
        """Give a page without a mail: in both languages, for nothing is known of who reads it."""
        both = [render("plain.html", language, message=message) for language in reversed(LANGUAGES)]
        html = render("both.html", "en", base=self.base, parts=both)
        return HTMLResponse(html, status_code, headers)


async def _static(request: Request) -> Response:
    """Give the style sheet or the icon."""
    try:
        octets, kind = STATIC[request.path_params["name"]]
    except KeyError:
        raise HTTPException(404) from None
    return Response(
        octets, media_type=kind, headers={"Cache-Control": "public, max-age=31536000, immutable"}
    )


def _token(request: Request) -> str:
    """
    Give the token in the path.

    Raises:
        NoSuchHoldError: It cannot be one.
    """
    token = str(request.path_params["token"])
    if not _TOKEN.fullmatch(token):
        raise NoSuchHoldError
    return token


def _peer(request: Request) -> str:
    return request.client.host if request.client else ""


def _switched(request: Request) -> str | None:
    """Give the language that the reader switched to, if any."""
    language = request.query_params.get("lang")
    return language if language in LANGUAGES else None
