"""Who holds the store, what versions are at work, and the settings in force."""

from collections.abc import Mapping
from datetime import UTC, datetime

import streamlit as st

from collector.monitoring.health import Health
from collector.monitoring.status import Status, versions
from dashboard import fmt, state
from dashboard.diagnosis.settings_told import told_settings
from dashboard.panels.diagnostics_table import fixed_table
from dashboard.plain import line


def about(health: Health, status: Status | None) -> None:
    with st.grid(2, min_column_width=380, gap="small"):
        with st.container(border=True, height="stretch"):
            st.subheader("Who holds it", anchor=False)
            _pairs(_holder(health), "Table of the store, the process that holds it, and its addresses")
        with st.container(border=True, height="stretch"):
            st.subheader("Versions", anchor=False)
            _pairs(_versions(health, status), "Table of versions")


def settings_table() -> None:
    st.subheader(
        "Settings of this dashboard",
        anchor=False,
        help="Environment first, then .env, then the default. The collector has its own.",
    )
    fixed_table(
        [
            {
                "Setting": told.variable,
                "Value": line(told.value, 200),
                "From": told.source,
                "What it is": told.meaning,
            }
            for told in told_settings()
        ],
        "Table of settings with their values, where they come from and what they mean; no secrets",
    )


def _pairs(rows: Mapping[str, str], alt: str) -> None:
    fixed_table(
        [{"": name, "Value": line(value, 200)} for name, value in rows.items()],
        alt,
        {
            "": st.column_config.TextColumn(width=150),
            "Value": st.column_config.TextColumn(width="large"),
        },
    )


def _holder(health: Health) -> dict[str, str]:
    return {
        "Store": health.store,
        "Held by": f"process {health.pid}, {health.service}",
        "Running for": fmt.duration(health.uptime_s * 1000),
        "OTLP/gRPC": health.grpc,
        "Content kept": health.content,
        "Earliest span": _moment(health.oldest_span_ns),
        "Latest span": _moment(health.newest_span_ns),
    }


def _versions(health: Health, status: Status | None) -> dict[str, str]:
    here = versions()
    there = status.versions if status else {}
    table = here.get("litellm")
    rows = {
        "composite_llm": health.version,
        "Store's schema": str(health.schema_version),
        "Price table": f"litellm-{table}" if table else "LiteLLM is not installed",
    }
    names = {
        "duckdb": "DuckDB",
        "clickhouse-connect": "clickhouse-connect",
        "pyarrow": "PyArrow",
        "python": "Python",
    }
    rows |= {name: there[key] for key, name in names.items() if key in there}
    if here["composite-llm"] != health.version:
        rows["This dashboard"] = f"{here['composite-llm']}: start the collector again from this installation"
    return rows


def _moment(ns: int | None) -> str:
    if ns is None:
        return "–"
    return fmt.moment(state.local(datetime.fromtimestamp(ns / 1e9, UTC).replace(tzinfo=None)))
