"""Health and metrics."""

import json

import pytest
from asgi import request
from prometheus_client import CollectorRegistry, Counter
from structlog.testing import capture_logs

from guard.web.admin import create_admin


@pytest.mark.parametrize(
    ("parts", "status"),
    [
        ({"store": True, "upstream": True}, 200),
        ({"store": True, "upstream": False}, 503),
        ({}, 200),
    ],
)
async def test_ready(parts: dict[str, bool], status: int) -> None:
    """Ready when everything that mail needs is there; each part is named."""

    async def ready() -> dict[str, bool]:
        return parts

    answered = await request(create_admin(ready), "GET", "/readyz")

    assert answered.status == status
    assert json.loads(answered.body) == {"ready": status == 200, **parts}


async def test_asking_can_fail() -> None:
    """A check that raises is not ready, and its text stays inside; the process is still alive."""

    async def ready() -> dict[str, bool]:
        raise OSError("secret")

    app = create_admin(ready)
    with capture_logs() as logs:
        answered = await request(app, "GET", "/readyz")

    assert answered.status == 503
    assert b"secret" not in answered.body
    assert "secret" not in repr(logs)
    assert (await request(app, "GET", "/livez")).status == 200


async def test_metrics() -> None:
    """What a registry holds, in Prometheus' own format."""
    registry = CollectorRegistry()
    Counter("guard_pages", "Pages shown.", registry=registry).inc()

    async def ready() -> dict[str, bool]:
        return {}

    answered = await request(create_admin(ready, registry=registry), "GET", "/metrics")

    assert "guard_pages_total 1.0" in answered.text
    assert answered.headers["content-type"].startswith("text/plain; version=")
