"""How spans come in: how fast, how late, and what of them does not."""

import streamlit as st

from collector.monitoring.health import Health
from collector.monitoring.status import Status
from dashboard import connection, fmt
from dashboard.diagnosis import queries as asked
from dashboard.panels.diagnostics_table import fixed_table
from dashboard.panels.figure import figure
from dashboard.queries import health as health_now

LATE_SECONDS = 30.0
STEPS_A_MINUTE = 6
OLDER = (
    "This collector is of a version that does not tell how it is doing. What it counts since its start is below; start it "
    "again from this installation to see the rest."
)


@st.fragment(run_every="5s")
@connection.explained()
def ingest() -> None:
    health, status = health_now(), asked.status()
    if status is None:
        st.info(OLDER, icon=":material/history:")
    else:
        _pace(status)
        _lag(status)
    _counted(health, status)


def _pace(status: Status) -> None:
    course = status.course
    step = course.step_seconds
    whole = course.received[:-1]
    latest = whole[-STEPS_A_MINUTE:]
    rate = sum(latest) / (len(latest) * step) if latest else 0.0
    with st.grid(4, min_column_width=190, gap="small"):
        st.metric(
            "Received, last minute",
            f"{per_second(rate)}",
            border=True,
            height="stretch",
            chart_data=[spans / step for spans in whole] if len(whole) > 1 else None,
            chart_type="bar",
            help="Spans a second that arrived, with those sent again. The bars are ten seconds each, ten minutes in all.",
        )
        figure(
            "Stored, ten minutes",
            fmt.count(sum(course.stored)),
            f"of {fmt.count(sum(course.received))} received",
            "Spans that were new. The others were stored already, rejected, or wait to be committed.",
        )
        figure(
            "Waiting to be committed",
            fmt.count(status.queued_spans),
            "spans in the queue",
            "Taken in, and acknowledged once they are on disk. A queue that stays long says that the disk is too slow; a "
            "full one is answered 503, and senders try again.",
        )
        figure(
            "Last commit",
            "–" if status.seconds_since_commit is None else fmt.age(status.seconds_since_commit),
            "nothing since the start" if status.seconds_since_commit is None else "",
            "When spans were stored last.",
        )


def _lag(status: Status) -> None:
    lag = status.lag
    meaning = (
        "From the end of a span to its commit. Programs hand on what has ended every second or so; more means spans that "
        "were spooled, a sender that holds them back, or clocks that differ."
    )
    with st.grid(4, min_column_width=190, gap="small"):
        for label, seconds in (
            ("Lag now", lag.newest_seconds),
            ("Lag p50", lag.p50_seconds),
            ("Lag p95", lag.p95_seconds),
        ):
            figure(label, lag_of(seconds), _of_latest(lag.spans), meaning)
        spool = status.spool
        figure(
            "Spooled files waiting",
            fmt.count(spool.waiting_files),
            f"{fmt.size(spool.waiting_bytes)}"
            + (f", the oldest {fmt.age(spool.oldest_seconds)}" if spool.oldest_seconds is not None else ""),
            "What programs recorded while no collector ran. It is landed every second.",
        )
    if lag.newest_seconds is not None and lag.newest_seconds < -1:
        st.warning(
            f"The latest span ended {lag_of(-lag.newest_seconds)} after it was stored: its sender's clock is ahead.",
            icon=":material/schedule:",
        )


def _counted(health: Health, status: Status | None) -> None:
    st.subheader(f"Since the collector started, {fmt.age(health.uptime_s)}", anchor=False)
    fixed_table(
        [
            {"What": what, "Number": fmt.count(number), "What it means": meaning}
            for what, number, meaning in counters(health, status)
        ],
        "Table of what the collector counted since it started",
        {
            "What": st.column_config.TextColumn(width=210),
            "Number": st.column_config.Column(width=90, alignment="right"),
            "What it means": st.column_config.TextColumn(width="large"),
        },
    )


def counters(health: Health, status: Status | None) -> list[tuple[str, int | None, str]]:
    rows: list[tuple[str, int | None, str]] = [
        ("Spans received", health.spans_received, "All that arrived over HTTP, gRPC and the spool."),
        ("Spans stored", health.spans_stored, "Those that were new."),
        ("Spans sent again", health.spans_duplicate, "Stored already; counted once."),
        ("Spans rejected", health.spans_rejected, "No spans that OTLP describes; their senders were told."),
        (
            "Spans dropped",
            health.spans_lost,
            "By programs that could neither send nor spool them, as they said.",
        ),
        ("Spool files landed", health.spool_landed, "Batches recorded while no collector ran."),
        (
            "… torn, and repaired",
            health.spool_repaired,
            "Of these: cut off by a kill or a power cut; their whole spans are stored.",
        ),
        ("… set aside", health.spool_set_aside, "Kept in spool/rejected, for what could not be stored."),
        ("… discarded", health.spool_discarded, "Unreadable, where nothing may be kept that cannot be read."),
    ]
    if status is None:
        return rows
    rows += [
        (
            "Spool files unfinished",
            status.spool.unfinished_files,
            "Being written, or left by a killed program.",
        ),
        (
            "Calls not settled",
            status.calls_held,
            "Usage of other libraries that /metrics does not count yet.",
        ),
    ]
    rows += [("Rejected spans", number, reason) for reason, number in status.rejected_spans.items()]
    rows += [
        (f"Refused: {kind}", number, REFUSED.get(kind, ""))
        for kind, number in status.refused_requests.items()
    ]
    return rows


REFUSED = {
    "NotOtlp": "Requests that are no OTLP.",
    "BodyTooLarge": "Requests larger than the collector takes; their spans are lost.",
    "UnstorableSpans": "Requests whose values the database refuses.",
    "QueueFull": "Requests that came faster than the disk takes them; senders try again.",
    "TooMuchInHand": "Requests that came faster than they are decoded; senders try again.",
    "StoreError": "Requests while the store could not be written; senders try again.",
}


def per_second(rate: float) -> str:
    """`0.4 / s`, `1.2 k / s`."""
    return f"{rate:.1f} / s" if 0 < rate < 10 else f"{fmt.compact(rate)} / s"


def lag_of(seconds: float | None) -> str:
    if seconds is None:
        return "–"
    return f"−{fmt.duration(-seconds * 1000)}" if seconds < 0 else fmt.duration(seconds * 1000)


def _of_latest(spans: int) -> str:
    return f"of the latest {fmt.plural(spans, 'span')}" if spans else "nothing stored since the start"
