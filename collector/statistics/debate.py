"""Debates: when agents came to agree, who changed sides, and by how much it was decided."""

from typing import Any

import pyarrow as pa

from collector.parameters import RunsOf
from collector.statistics.finding import Finding
from collector.statistics.observed import Observed, as_table
from collector.statistics.spent import REAL, SPENT, TEXT, WHOLE
from collector.store.interface import Answers
from composite_llm import conventions as c

RUNS = pa.schema(
    {
        "trace_id": TEXT,
        "start_ns": WHOLE,
        "rounds": WHOLE,
        "consensus_round": WHOLE,
        "flips": WHOLE,
        "followed": WHOLE,
        "margin": REAL,
        "agreement": REAL,
        "winner": TEXT,
        **SPENT,
    }
)


def debate_runs(store: Answers, period: RunsOf) -> pa.Table:
    """One row per debate that came to an end, in the order of time: trace_id, start_ns (of its last stage), rounds,
    consensus_round (the first after which all agreed; null if none), flips (answers that were changed), followed
    (those changed to what led before), margin and agreement (at the end, 0 to 1), winner (the model whose answer was
    given out; null where one was written), calls, cost_usd (null if unknown), unpriced_calls, input_tokens,
    output_tokens."""
    observed = Observed.of(store, "debate", period)
    return as_table((_run(observed, end) for end in observed.with_key(c.DEBATE_ROUNDS)), RUNS)


def _run(observed: Observed, end: Finding) -> dict[str, Any]:
    run, winner = observed.run_of(end.key), end.whole(c.DEBATE_WINNER)
    return {
        "trace_id": end.trace_id,
        "start_ns": end.start_ns,
        "rounds": end.whole(c.DEBATE_ROUNDS),
        "consensus_round": end.whole(c.DEBATE_CONSENSUS_ROUND),
        "flips": end.whole(c.DEBATE_FLIPS),
        "followed": end.whole(c.DEBATE_FOLLOWED),
        "margin": end.number(c.DEBATE_MARGIN),
        "agreement": end.number(c.DEBATE_AGREEMENT),
        "winner": None if winner is None else observed.models(run, "agent").get(winner, "unknown"),
        **observed.spent_below(run).columns,
    }
