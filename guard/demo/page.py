"""The demo's page: inboxes beside what left the company, the decisions, and a form to try it."""

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.resources import files
from typing import Final
from urllib.parse import parse_qsl

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from guard.demo.catcher import Catcher
from guard.demo.journal import Journal
from guard.demo.letter import File, Letter, hand_in
from guard.demo.people import colleagues
from guard.demo.script import YAMADA, sample_list, sample_locked
from guard.demo.view import View
from guard.demo.words import Language, words
from guard.model.address import Address, AddressError
from guard.web.form import is_ours
from guard.web.headers import SecureHeaders

ATTACHMENTS: Final[dict[str, Callable[[], tuple[File, ...]]]] = {
    "none": tuple,
    "list": lambda: (sample_list(),),
    "locked": lambda: (sample_locked(),),
}
"""What a mail of one's own can carry."""

BODY_BYTES: Final = 256 * 1024
RECIPIENTS: Final = 100
SUBJECT_LETTERS: Final = 500

_ENVIRONMENT: Final = Environment(
    loader=PackageLoader("guard.demo", "pages"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=StrictUndefined,
)
_STYLE: Final = files("guard.demo").joinpath("pages/demo.css").read_text("utf-8")


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """The form as it stands, with what is wrong with it."""

    sender: str = YAMADA
    to: str = "sato@kita-shojl.example"
    subject: str
    text: str
    attach: str = "none"
    problem: str = ""


def create_page(
    journal: Journal,
    catcher: Catcher,
    *,
    mail_in: tuple[str, int],
    confirm_url: str,
    language: Language,
) -> Starlette:
    """Make the page; it hands mail in at *mail_in*, and speaks *language* unless asked to."""
    page = _Page(View(journal, catcher, confirm_url), mail_in, language)
    return Starlette(
        routes=[
            Route("/", page.show, methods=["GET"]),
            Route("/", page.send, methods=["POST"]),
            Route("/demo.css", _style, methods=["GET"]),
        ],
        middleware=[
            Middleware(SecureHeaders),
            # A name that somebody points at this machine does not make a page of theirs ours.
            Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"]),
        ],
    )


class _Page:
    def __init__(self, view: View, mail_in: tuple[str, int], language: Language) -> None:
        self._view = view
        self._mail_in = mail_in
        self._language = language

    async def show(self, request: Request) -> Response:
        """Show what happened so far."""
        language = self._spoken(request)
        live = "live" in request.query_params
        return self._render(language, _blank(language), live=live)

    async def send(self, request: Request) -> Response:
        """Hand in the visitor's own mail, as a mail program of that sender would."""
        if not is_ours(request.headers, str(request.base_url)):
            return PlainTextResponse("This form belongs to another page.\n", 403)
        language = self._spoken(request)
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > BODY_BYTES:
                return PlainTextResponse("This is too long.\n", 413)
        said = dict(parse_qsl(body.decode("ascii", "replace"), keep_blank_values=True))
        form = Form(
            sender=said.get("from", ""),
            to=said.get("to", ""),
            subject=" ".join(said.get("subject", "").split()),
            text=said.get("text", ""),
            attach=said.get("attach", "none"),
        )
        problem = await self._submit(form, words(language))
        if problem:
            return self._render(language, replace(form, problem=problem), status=422)
        return RedirectResponse(f"/?lang={language}#log", 303)

    async def _submit(self, form: Form, w: dict[str, str]) -> str:
        """Hand a mail in, and say what is wrong where it was not taken."""
        to = [part.strip() for part in form.to.replace("、", ",").split(",") if part.strip()]
        if not to:
            return w["no_to"]
        if len(to) > RECIPIENTS or len(form.subject) > SUBJECT_LETTERS:
            return w["too_long"]
        for each in (form.sender, *to):
            try:
                Address.parse(each)
            except AddressError:
                return f"{w['bad_to']}: {each}"
        letter = Letter(
            id=f"own-{secrets.token_hex(8)}",
            sender=form.sender,
            to=tuple(("", each) for each in to),
            subject=form.subject,
            text=form.text.replace("\r\n", "\n"),
            files=ATTACHMENTS.get(form.attach, tuple)(),
        )
        try:
            octets = letter.octets(at=datetime.now(UTC))
            reply = await asyncio.to_thread(hand_in, letter, octets, self._mail_in)
        except ValueError:
            return f"{w['bad_to']}: {form.to}"
        except OSError as error:
            return f"{w['refusal']}: {type(error).__name__}"
        return "" if reply.is_positive else f"{w['refusal']}: {reply.code} {reply.text}"

    def _render(
        self, language: Language, form: Form, *, live: bool = False, status: int = 200
    ) -> HTMLResponse:
        page = _ENVIRONMENT.get_template("index.html").render(
            language=language,
            w=words(language),
            live=live,
            counts=self._view.counts(),
            inboxes=self._view.inboxes(language),
            left=self._view.left(),
            log=self._view.log(language),
            people=list(colleagues().values()),
            form=form,
        )
        return HTMLResponse(page, status)

    def _spoken(self, request: Request) -> Language:
        match request.query_params.get("lang"):
            case "ja":
                return "ja"
            case "en":
                return "en"
            case _:
                return self._language


def _blank(language: Language) -> Form:
    w = words(language)
    return Form(subject=w["subject_given"], text=w["text_given"])


async def _style(_request: Request) -> Response:
    return Response(_STYLE, media_type="text/css")
