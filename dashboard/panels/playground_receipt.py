"""What a request came to: answer, cost to the cent, calls, tokens, latency."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import fmt
from dashboard.panels.figure import figure
from dashboard.plain import line
from dashboard.playground.player import Player

OK = ("ok", "cached")


def cost_of(player: Player) -> tuple[float | None, bool]:
    """In US dollars, and whether it is a lower bound: of the receipt, or of a request that gave none, of its calls."""
    if player.receipt:
        status, known = player.receipt["cost_status"], player.receipt["known_cost_usd"]
        return (None if status == "unknown" else known), status == "partial"
    told = player.summary
    if told is None:
        return None, False
    nothing = told["unpriced"] and not told["known_cost_usd"]
    return (None if nothing else told["known_cost_usd"]), told["unpriced"]


def cost_so_far(player: Player) -> str:
    calls = player.calls
    unpriced = any(call["cost"] is None and not call["refused"] for call in calls)
    known = sum(call["cost"]["total"] for call in calls if call["cost"])
    return fmt.money(None if unpriced and not known else known, lower_bound=unpriced)


def written_cost(player: Player) -> str:
    usd, bound = cost_of(player)
    if usd is None and not player.calls and not player.receipt:
        return fmt.money(0.0) if player.summary is None or not player.summary["unpriced"] else fmt.UNKNOWN
    return fmt.money(usd, lower_bound=bound)


def seconds_of(player: Player) -> float:
    told = player.receipt or player.summary
    return told["seconds"] if told else player.elapsed_ms / 1000


def figures(player: Player) -> None:
    usage = tokens(player)
    with st.grid(4, min_column_width=120, gap="small"):
        figure(
            "Cost",
            written_cost(player),
            "simulated, not billed" if player.is_simulated else "",
            "Every call by the price it was booked at.",
        )
        figure("Latency", fmt.duration(seconds_of(player) * 1000), "", "From the request to its last word.")
        figure("Calls", fmt.count(len(player.calls)), "", "Attempts at models, each with a span.")
        figure(
            "Tokens", fmt.count(sum(usage)), f"{usage[0]:,} in, {usage[1]:,} out", "Of all calls together."
        )


def tokens(player: Player) -> tuple[int, int]:
    used = [call["usage"] for call in player.calls if call["usage"]]
    return sum(each["input"] for each in used), sum(each["output"] for each in used)


def calls_table(player: Player) -> None:
    if not player.calls:
        return
    calls = (player.receipt or {}).get("calls") or player.calls
    st.dataframe(
        pd.DataFrame([_cells(call) for call in calls]),
        hide_index=True,
        height=35 * (min(len(calls), 12) + 1) + 3,
        row_height=35,
        column_config=dict.fromkeys(
            ("In", "Out", "Time", "Cost"), st.column_config.Column(alignment="right")
        ),
        alt=f"Table of the {fmt.plural(len(calls), 'call')} with model, tokens, time and cost",
    )


def _cells(call: Mapping[str, Any]) -> dict[str, str]:
    usage, cost = call["usage"], call["cost"]
    return {
        "Stage": line(call["stage"], 60),
        "Role": line(call["role"], 40),
        "Model": line(call["model"], 60),
        "Result": call["outcome"] if not call["error"] else f"{call['outcome']}: {line(call['error'], 120)}",
        "In": fmt.count(usage["input"]) if usage else "–",
        "Out": fmt.count(usage["output"]) if usage else "–",
        "Time": fmt.duration(call["seconds"] * 1000),
        "Cost": fmt.money(0.0 if call["refused"] else cost["total"] if cost else None),
    }
