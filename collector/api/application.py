"""The web application: the API's resources beside the routes that are given."""

from collections.abc import Sequence
from importlib.metadata import version
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Request
from pydantic import BaseModel, Field
from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from collector.api import errors
from collector.errors import QuestionError

REPEATABLE = frozenset({"attribute", "strategy"})

DESCRIPTION = """Traces of composite LLM calls: what each cost, how long it took, what failed.

A cost that nobody knows is null and counted in `unpriced_calls`, never 0; a sum with `is_lower_bound` true
leaves such calls out. Times are ISO 8601 in UTC. Every error is `{"code": ..., "message": ...}`.

Spans come in at `/v1/traces` (OTLP), and `/healthz` says how the collector is."""


class Problem(BaseModel):
    """Every error, as google.rpc.Status."""

    code: Annotated[int, Field(description="3 bad request, 5 not found, 8 too much at once, 14 try again.")]
    message: Annotated[str, Field(description="What was wrong, and what to do.")]


def given_once(request: Request) -> None:
    """Of a parameter that is given twice, one would be left out without a word."""
    names = [name for name, _ in request.query_params.multi_items() if name not in REPEATABLE]
    for name in names:
        if names.count(name) > 1:
            raise QuestionError(f"{name[:80]} is given more than once")


def api(
    routers: Sequence[APIRouter], *, routes: list[BaseRoute], middleware: Sequence[Middleware], lifespan: Any
) -> FastAPI:
    app = FastAPI(
        title="composite_llm collector",
        version=version("composite-llm"),
        description=DESCRIPTION,
        # The pages that come with FastAPI load scripts from elsewhere.
        docs_url=None,
        redoc_url=None,
        routes=routes,
        middleware=middleware,
        lifespan=lifespan,
        # What stores traces must not make any of its own while it is asked for them.
        telemetry={"tracing": False, "metrics": False},
    )
    errors.install(app)
    for router in routers:
        # Named once for all; without it, FastAPI would list an error of another shape.
        app.include_router(
            router,
            dependencies=[Depends(given_once)],
            responses={"default": {"model": Problem, "description": "What went wrong"}},
        )
    return app
