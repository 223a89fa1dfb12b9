"""`GET /metrics/summary` and `GET /modes`: what was spent, by what, and how it went."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from collector import queries
from collector.api import cells
from collector.api.asking import AnswersOf
from collector.api.money import cost
from collector.api.shapes import Modes, Summary
from collector.api.windows import WindowQuery, iso
from collector.parameters import LAST_NS, Window
from collector.store.interface import Answers


def router(answers: AnswersOf) -> APIRouter:
    routes = APIRouter(tags=["Totals"])

    @routes.get("/metrics/summary", summary="A window of time at a look", response_model=Summary)
    def summary(asked: Annotated[WindowQuery, Query()], store: Annotated[Answers, Depends(answers)]) -> Any:
        """The runs that start in the window, with all their spans. Averages are null where nothing ran."""
        window = asked.window()
        [totals] = cells.records(queries.totals(store, window))
        return totals | _costs(totals) | {"by_strategy": _modes(store, window)} | _ends(window)

    @routes.get("/modes", summary="The strategies that ran", response_model=Modes)
    def modes(asked: Annotated[WindowQuery, Query()], store: Annotated[Answers, Depends(answers)]) -> Any:
        """One row per strategy, the dearest first. Runs without a strategy are named "other"."""
        return {"modes": _modes(store, asked.window())}

    return routes


def _modes(store: Answers, asked: Window) -> list[dict[str, Any]]:
    rows = cells.records(queries.by_strategy(store, asked))
    return [row | _costs(row) | {"failed_share": row["failed_runs"] / row["runs"]} for row in rows]


def _costs(row: dict[str, Any]) -> dict[str, Any]:
    costs = cost(row)
    return costs | {"cost_per_run_usd": None if costs["cost_usd"] is None else row["cost_per_run_usd"]}


def _ends(asked: Window) -> dict[str, Any]:
    return {
        "since": iso(asked.since_ns) if asked.since_ns else None,
        "until": iso(asked.until_ns) if asked.until_ns < LAST_NS else None,
    }
