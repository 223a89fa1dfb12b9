"""Every question, asked of DuckDB and of ClickHouse over the same spans: the rows are the same."""

import itertools
import threading

import pytest

from collector.mode_queries import NewestRuns
from collector.parameters import (
    Buckets,
    CallsOf,
    ChosenRuns,
    IdBeginning,
    Listed,
    Nothing,
    OfStrategy,
    OneSpan,
    OneTrace,
    Period,
    RunsOf,
    SaidIn,
    SomeSpans,
    TraceFilter,
    Window,
    Words,
)
from collector.queries import QUESTIONS
from collector.retention.limits import Limits
from collector.spans import otlp
from collector.spending_queries import Spenders
from collector.statistics.named import STATISTICS
from collector.store import statements
from collector.store.clickhouse.dialect import PARAMETER
from collector.store.duckdb.store import DuckdbStore
from composite_llm import conventions as c
from tests.collector.running import EVERYTHING
from tests.collector.statistics.observed_runs import Made, Staged, run
from tests.collector.statistics.test_named import STRATEGIES
from tests.collector.store.clickhouse.random_traces import random_traces
from tests.otlp_traces import DAY, MINUTE, NOON, all_traces, export_request, span, span_hex, trace_hex

HOUR = 3600
NOON_TO_NOON = {"since_ns": NOON, "until_ns": NOON + DAY}
HEDGED = 9
TRACES = [*range(1, 5), HEDGED, *range(1000, 1020)]
IDS = tuple(trace_hex(number) for number in TRACES)

CIRCLE = [
    span("round", trace=5, number=1, parent=2),
    span("round", trace=5, number=2, parent=1),
    span("beside", trace=5, number=3, parent=1),
]
CHILD_FIRST = [span("child", trace=6, number=2, parent=1, duration_ms=5, start_ms=-1)]
PARENT_LATE = [span("parent", trace=6, number=1)]
TOLD_TWICE = [
    span(
        "chat",
        trace=trace,
        attributes={
            "gen_ai.operation.name": "chat",
            "gen_ai.response.id": "told twice",
            "gen_ai.usage.input_tokens": 10,
            "gen_ai.usage.cost": trace / 100,
        },
    )
    for trace in (7, 8)
]

ATTEMPTS = [
    span(
        "chat",
        trace=HEDGED,
        number=number,
        start_ms=number,
        attributes={c.SPAN_TYPE: c.LLM_CALL, c.CALL_ATTEMPT: number, c.CALL_HEDGE: hedge},
    )
    for number, hedge in ((1, True), (2, True), (3, False))
]
"""Of one call; only those after the first can have been sent beside another."""

TOOLED = [
    span("given", trace=1000, number=900, attributes={c.SPAN_TYPE: c.TOOL}),
    span("offered", trace=1001, number=901, attributes={c.SPAN_TYPE: c.REQUEST, c.TOOL_POLICY: "final"}),
]

ASKED = {
    Nothing: [Nothing()],
    OfStrategy: [
        OfStrategy(**EVERYTHING, strategy="moa"),
        OfStrategy(**EVERYTHING, strategy="council", origin="real"),
        OfStrategy(**EVERYTHING, strategy="moa", origin="simulated"),
        OfStrategy(**NOON_TO_NOON, strategy="rlm"),
    ],
    RunsOf: [
        RunsOf(**EVERYTHING),
        RunsOf(**EVERYTHING, origin="real"),
        RunsOf(**NOON_TO_NOON, origin="simulated"),
    ],
    Period: [Period(**EVERYTHING), Period(**NOON_TO_NOON), Period(since_ns=0, until_ns=10**18)],
    Window: [
        Window(**EVERYTHING),
        Window(**NOON_TO_NOON),
        Window(**NOON_TO_NOON, strategies=("moa", "other")),
        Window(**EVERYTHING, origin="real"),
        Window(**EVERYTHING, origin="simulated"),
        Window(**EVERYTHING, mode="council", tag="a"),
        # Begins while runs are under way, and ends before others that had begun earlier.
        Window(since_ns=NOON + 500_000_000, until_ns=NOON + 30 * MINUTE),
        Window(since_ns=NOON - DAY, until_ns=NOON - DAY),
    ],
    Buckets: [
        Buckets(**NOON_TO_NOON, bucket_seconds=HOUR),
        Buckets(**NOON_TO_NOON, bucket_seconds=60, origin="real"),
        Buckets(since_ns=NOON, until_ns=NOON + 4 * DAY, bucket_seconds=24 * HOUR, zone="Europe/Berlin"),
        Buckets(since_ns=NOON, until_ns=NOON + 4 * DAY, bucket_seconds=24 * HOUR, zone="Asia/Kolkata"),
        Buckets(since_ns=NOON, until_ns=NOON + 40 * DAY, bucket_seconds=24 * HOUR, zone="America/Santiago"),
        Buckets(since_ns=NOON, until_ns=NOON + 40 * DAY, bucket_seconds=7 * 24 * HOUR, zone="Europe/Berlin"),
        Buckets(since_ns=0, until_ns=NOON, bucket_seconds=70 * 24 * HOUR),
    ],
    Spenders: [
        *(Spenders(**EVERYTHING, by=by) for by in ("user", "session", "tag", "program")),
        Spenders(**NOON_TO_NOON, by="tag", most=2),
    ],
    TraceFilter: [
        TraceFilter(**EVERYTHING),
        TraceFilter(**NOON_TO_NOON, page_size=7, page_offset=5),
        TraceFilter(**EVERYTHING, text="größe"),
        TraceFilter(**EVERYTHING, text="\\ back"),
        TraceFilter(**EVERYTHING, text="'; drop table spans; --"),
        TraceFilter(**EVERYTHING, text=trace_hex(1000)[:30].upper()),
        TraceFilter(**EVERYTHING, model="sim/örtlich", strategies=("moa",), origin="real"),
        TraceFilter(**EVERYTHING, errors_only=True, min_cost_usd=0.02, min_latency_ms=400.5),
        TraceFilter(**EVERYTHING, mode="moa"),
        TraceFilter(**EVERYTHING, sort="cost", page_size=9),
        TraceFilter(**EVERYTHING, sort="latency", page_offset=3),
        TraceFilter(**EVERYTHING, sort="calls", origin="real"),
        TraceFilter(**EVERYTHING, sort="tokens", page_size=5),
        TraceFilter(**EVERYTHING, sort="depth", page_size=5, page_offset=1),
        TraceFilter(**EVERYTHING, sort="cost", min_depth=3),
        TraceFilter(**EVERYTHING, status="running"),
        TraceFilter(**EVERYTHING, status="error", tag="a"),
        TraceFilter(**EVERYTHING, status="ok", session_id="session", user_id="jürgen"),
        TraceFilter(**EVERYTHING, before_ns=NOON + DAY, after_id=trace_hex(1100)),
        TraceFilter(**EVERYTHING, attributes=("text=plain", "service.name=composite-llm")),
        TraceFilter(**EVERYTHING, attributes=(f"{c.CALL_INDEX}=2", f"{c.SIMULATED}=true")),
        TraceFilter(**EVERYTHING, attributes=('nested={"list":[1,2.5,null,true]}',)),
        TraceFilter(**NOON_TO_NOON, attributes=("a/b~c=1=2",)),
    ],
    Words: [
        Words(**EVERYTHING, text="WHY"),
        Words(**NOON_TO_NOON, text="größe", most=3),
        Words(since_ns=0, until_ns=NOON + 1, text="a", after_id=trace_hex(2)),
    ],
    SaidIn: [
        SaidIn(**EVERYTHING, trace_ids=IDS, text="WHY"),
        SaidIn(**EVERYTHING, trace_ids=IDS, text="größe"),
        SaidIn(**NOON_TO_NOON, trace_ids=IDS[:5], text="a"),
    ],
    ChosenRuns: [
        ChosenRuns(trace_ids=IDS),
        ChosenRuns(trace_ids=IDS, strategies=("moa", "other"), origin="real"),
        ChosenRuns(trace_ids=IDS[:3], origin="simulated"),
        ChosenRuns(trace_ids=IDS, mode="moa"),
        ChosenRuns(trace_ids=IDS, tag="a"),
    ],
    NewestRuns: [NewestRuns(**EVERYTHING), NewestRuns(**EVERYTHING, most_runs=3, most_spans=40)],
    CallsOf: [CallsOf(trace_ids=IDS, first_ns=0, last_ns=NOON + DAY)],
    IdBeginning: [IdBeginning(trace_id=beginning) for beginning in ("", trace_hex(1000)[:30], "f")],
    Listed: [
        Listed(trace_ids=IDS, first_ns=0, last_ns=2**63 - 1, as_of_ns=NOON + DAY),
        Listed(trace_ids=IDS, first_ns=NOON, last_ns=NOON + DAY, as_of_ns=NOON + 2 * DAY),
        Listed(trace_ids=IDS, first_ns=0, last_ns=2**63 - 1, as_of_ns=NOON),
    ],
    OneTrace: [OneTrace(trace_id=trace_hex(number)) for number in (*TRACES, 424242)],
    OneSpan: [
        OneSpan(trace_id=trace_hex(trace), span_id=span_hex(number)) for trace in TRACES for number in (1, 3)
    ],
    SomeSpans: [
        SomeSpans(
            trace_id=trace_hex(trace),
            span_ids=(span_hex(1), span_hex(3), span_hex(424242)),
            most_input=most,
            most_output=most,
        )
        for trace in TRACES
        for most in (0, 9, 10_000)
    ],
}


BALLOT = {"reviewer": 0, "members": [0, 1], "ranking": [1, 0], "found_in": "json"}
IN_NO_ORDER = ("findings", "strategy_calls", "run_spans")
WORKED_OUT = (*STATISTICS, "run_shapes", "bottlenecks", "mode_structure")
"""Questions without a file of their own."""


def strategy_runs():
    """One of each strategy that says something, below another's, and some simulated; attributes that are none."""
    keys = [
        value for name, value in vars(c).items() if name.isupper() and str(value).startswith("composite.")
    ]
    traces = []
    for trace, strategy in enumerate(STRATEGIES, start=500):
        own = [
            key
            for key in keys
            if key.split(".")[1] == strategy or (strategy, key[:15]) == ("rlm", "composite.repl.")
        ]
        found = dict(zip(own, itertools.cycle([0, "[0, 1]", 0.5, "none", True]), strict=False))
        kinds = (c.STAGE, c.RLM_NODE, c.THINK_STEP, c.REPL_EXEC)
        stages = [
            Staged(
                f"größe {kind}",
                found | {c.RLM_DEPTH: place, c.FUSION_UNIQUE: {"0": 2}},
                [Made("step", place, cents=place or None)],
                under=place - 1 if place else None,
                span_type=kind,
            )
            for place, kind in enumerate(kinds)
        ]
        traces += run(strategy, stages, trace=trace, simulated=trace % 3 == 0)
        traces += run(
            "council",
            [Staged("council.review", {c.COUNCIL_BALLOTS: [BALLOT]})],
            trace=trace,
            first=50,
            above=2,
        )
    return traces


@pytest.fixture(scope="module")
def stores(opened, tmp_path_factory):
    """Both engines, after the same deliveries."""
    duckdb_store = DuckdbStore.open(tmp_path_factory.mktemp("golden"))
    clickhouse_store = opened()
    deliveries = [
        all_traces(),
        *random_traces(seed=7),
        all_traces(),
        CIRCLE,
        CHILD_FIRST,
        PARENT_LATE,
        ATTEMPTS,
        TOLD_TWICE,
        TOOLED,
        strategy_runs(),
    ]
    for minute, spans in enumerate(deliveries):
        for store in (duckdb_store, clickhouse_store):
            batch = otlp.batch_of(export_request(spans), landed_ns=NOON + DAY + minute * 2 * MINUTE)
            store.land(batch)
    yield duckdb_store, clickhouse_store
    duckdb_store.close()


@pytest.mark.parametrize("name", [*statements.query_names(), *WORKED_OUT])
def test_both_engines_answer_with_the_same_rows(name, stores):
    question = QUESTIONS[name]
    same = assert_within if name == "period_bounds" else assert_same
    found = 0
    for parameters in ASKED[question.parameters]:
        expected, answer = (question.answer(store, parameters) for store in stores)
        assert answer.column_names == expected.column_names
        rows, others = answer.to_pylist(), expected.to_pylist()
        if name in IN_NO_ORDER:
            rows, others = (
                sorted(each, key=lambda row: (row["trace_id"], row["span_id"])) for each in (rows, others)
            )
        same(rows, others)
        found += expected.num_rows
    assert found > 0


OWN_FILES = sorted(file.stem for file in (statements.CLICKHOUSE / "queries").glob("*.sql"))


@pytest.mark.parametrize("name", OWN_FILES)
def test_a_file_of_its_own_takes_the_parameters_of_the_file_for_both(name):
    own, shared = (statements.query(name, folder) for folder in (statements.CLICKHOUSE, statements.FOLDER))

    assert own.startswith("-- One row")
    assert set(PARAMETER.findall(own)) == set(PARAMETER.findall(shared))


@pytest.mark.parametrize(
    "limits", [Limits(keep_seconds=36 * HOUR), Limits(keep_seconds=90 * 24 * HOUR), Limits(max_bytes=10**12)]
)
def test_both_engines_would_prune_the_same(limits, stores):
    asked = {"now_ns": NOON + 3 * DAY, "dry_run": True, "stop": threading.Event()}
    expected, planned = (store.prune(limits, **asked) for store in stores)

    assert (planned.traces, planned.spans, planned.oldest_kept_ns) == (
        expected.traces,
        expected.spans,
        expected.oldest_kept_ns,
    )
    assert [(day.day, day.traces, day.spans) for day in planned.days] == [
        (day.day, day.traces, day.spans) for day in expected.days
    ]


def assert_within(rows, expected):
    """Between the starts of spans, where the other engine knows only when a trace ends."""
    for row, wider in zip(rows, expected, strict=True):
        if row["first_ns"] is not None:
            assert wider["first_ns"] <= row["first_ns"] <= row["last_ns"] <= wider["last_ns"]


def assert_same(rows, expected):
    assert len(rows) == len(expected)
    for row, other in zip(rows, expected, strict=True):
        for column, value in other.items():
            assert type(row[column]) is type(value), column
            assert row[column] == (pytest.approx(value, rel=1e-9) if isinstance(value, float) else value), (
                column
            )
