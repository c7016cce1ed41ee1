"""Health and metrics, for the listener that only operators reach."""

from collections.abc import Awaitable, Callable
from typing import Final

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

NOT_KEPT: Final = {"Cache-Control": "no-store"}

log = structlog.get_logger()


def create_admin(
    ready: Callable[[], Awaitable[dict[str, bool]]], *, registry: CollectorRegistry = REGISTRY
) -> Starlette:
    """
    Make the application of the admin listener.

    *ready* names what mail needs (``store``, ``upstream``) and whether each is there; if one is
    not, or asking fails, `/readyz` answers 503. `/livez` only shows that the loop turns.
    """

    async def livez(request: Request) -> Response:  # noqa: ARG001
        return PlainTextResponse("ok\n", headers=NOT_KEPT)

    async def readyz(request: Request) -> Response:  # noqa: ARG001
        try:
            parts = await ready()
        except Exception as error:  # noqa: BLE001 -- whatever it is, it is not ready
            log.error("ready.failed", error=type(error).__name__)  # noqa: TRY400 -- its class only
            parts = {"check": False}
        good = all(parts.values())
        return JSONResponse(
            {"ready": good, **parts}, status_code=200 if good else 503, headers=NOT_KEPT
        )

    async def metrics(request: Request) -> Response:  # noqa: ARG001
        return Response(generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    return Starlette(
        routes=[Route("/livez", livez), Route("/readyz", readyz), Route("/metrics", metrics)]
    )
