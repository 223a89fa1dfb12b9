"""Parameters for every question, about the four traces of tests/otlp_traces.py."""

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
from collector.spending_queries import Spenders
from tests.collector.running import EVERYTHING
from tests.otlp_traces import DAY, NOON, span_hex, trace_hex

HOUR = 3600

EXAMPLES = {
    Nothing: Nothing(),
    Period: Period(**EVERYTHING),
    RunsOf: RunsOf(**EVERYTHING),
    OfStrategy: OfStrategy(**EVERYTHING, strategy="moa"),
    Window: Window(**EVERYTHING),
    NewestRuns: NewestRuns(**EVERYTHING),
    Buckets: Buckets(since_ns=NOON, until_ns=NOON + DAY, bucket_seconds=HOUR),
    Spenders: Spenders(**EVERYTHING, by="user"),
    TraceFilter: TraceFilter(**EVERYTHING),
    OneTrace: OneTrace(trace_id=trace_hex(1)),
    Words: Words(**EVERYTHING, text="a"),
    SaidIn: SaidIn(**EVERYTHING, trace_ids=(trace_hex(1),), text="a"),
    ChosenRuns: ChosenRuns(trace_ids=(trace_hex(1),)),
    CallsOf: CallsOf(trace_ids=(trace_hex(1), trace_hex(3)), first_ns=0, last_ns=2**63 - 1),
    IdBeginning: IdBeginning(trace_id=trace_hex(1)[:31]),
    Listed: Listed(trace_ids=(trace_hex(1),), first_ns=0, last_ns=2**63 - 1, as_of_ns=2**63 - 1),
    OneSpan: OneSpan(trace_id=trace_hex(1), span_id=span_hex(7)),
    SomeSpans: SomeSpans(
        trace_id=trace_hex(1), span_ids=(span_hex(1), span_hex(3)), most_input=1000, most_output=1000
    ),
}
