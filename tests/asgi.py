"""One request to an ASGI application, without a socket."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.types import ASGIApp, Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What came back; header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


async def request(
    app: ASGIApp,
    method: str,
    target: str,
    *,
    headers: Mapping[str, str] | None = None,
    form: Mapping[str, str | list[str]] | None = None,
    body: bytes = b"",
) -> Answered:
    """Send *form*, urlencoded, or *body* as it is."""
    path, _, query = target.partition("?")
    sent = {"host": "wrong.example"} | dict(headers or {})
    if form is not None:
        body = urlencode(form, doseq=True).encode()
        sent.setdefault("content-type", "application/x-www-form-urlencoded")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": [(name.lower().encode(), value.encode()) for name, value in sent.items()],
        "client": ("192.0.2.55", 40000),
        "server": ("127.0.0.1", 8025),
    }
    chunks = [body[at : at + 16384] for at in range(0, len(body), 16384)] or [b""]
    got: list[Message] = []

    async def receive() -> Message:
        if not chunks:
            return {"type": "http.disconnect"}
        chunk = chunks.pop(0)
        return {"type": "http.request", "body": chunk, "more_body": bool(chunks)}

    async def send(message: Message) -> None:
        got.append(message)

    await app(scope, receive, send)
    start = next(each for each in got if each["type"] == "http.response.start")
    return Answered(
        status=start["status"],
        headers={name.decode().lower(): value.decode() for name, value in start["headers"]},
        body=b"".join(each.get("body", b"") for each in got if each is not start),
    )
