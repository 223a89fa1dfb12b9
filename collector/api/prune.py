"""`POST /prune`: takes old traces away, or says what would go."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from collector.errors import BadLimit
from collector.retention.limits import Limits, Pruned
from collector.retention.pruner import Pruner

LONGEST_DAYS = 73_000
SECONDS_A_DAY = 86_400


class Wanted(BaseModel):
    """At least one limit, unless the collector has limits of its own."""

    model_config = ConfigDict(extra="forbid")

    keep_days: Annotated[
        float | None,
        Field(gt=0, le=LONGEST_DAYS, description="Traces that ended longer ago than this go."),
    ] = None
    max_bytes: Annotated[
        int | None,
        Field(gt=0, lt=2**63, description="Traces go, the earliest first, until the store is smaller."),
    ] = None
    dry_run: Annotated[bool, Field(description="True takes nothing away and says what would go.")]


def router(pruner: Pruner) -> APIRouter:
    routes = APIRouter(tags=["Store"])

    @routes.post("/prune", summary="Take old traces away", response_model=Pruned)
    def prune(wanted: Wanted) -> Pruned:
        """Whole traces only. Without a limit of its own, a request takes those the collector was started
        with. Space goes back to the file system where that is worth rewriting the file; spans keep landing
        meanwhile."""
        seconds = None if wanted.keep_days is None else wanted.keep_days * SECONDS_A_DAY
        limits = Limits(seconds, wanted.max_bytes) or pruner.limits
        if not limits:
            raise BadLimit("say what to keep: keep_days or max_bytes, as the collector has no limits itself")
        return pruner.prune(limits, dry_run=wanted.dry_run)

    return routes
