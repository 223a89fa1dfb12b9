"""`GET /status`: how fast spans come, what was refused, what waits in the spool."""

from collections.abc import Callable

from fastapi import APIRouter

from collector.monitoring.status import Status


def router(status: Callable[[], Status]) -> APIRouter:
    routes = APIRouter(tags=["Store"])

    @routes.get("/status", summary="How the collector is doing", response_model=Status)
    def told() -> Status:
        """Since it started, and course and lag of its last minutes. What the store holds is told by /healthz."""
        return status()

    return routes
