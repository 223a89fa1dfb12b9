"""What a run waited for, of the spans of a timeline, and in words."""

from collections import Counter
from collections.abc import Hashable, Iterator, Sequence

import pyarrow as pa

from collector.audit.waits import Try, Wait, waits
from composite_llm.accounting.ledger import UNWANTED
from dashboard import fmt
from dashboard.naming import columns_of


def waits_of(spans: pa.Table, parents: Sequence[int], open_ids: frozenset[str]) -> list[Wait]:
    """By rows. What an open span waits for is not known before it ends."""
    ids, ends = spans["span_id"].to_pylist(), spans["end_ms"].to_pylist()
    return [
        wait
        for wait in waits(_tries(spans, parents), ends)
        if wait.kind == "retry" or wait.parent < 0 or ids[wait.parent] not in open_ids
    ]


def _tries(spans: pa.Table, parents: Sequence[int]) -> Iterator[Try]:
    """An attempt at a call is told from another call by its role and its place in the fan-out."""
    wanted = ("start_ms", "end_ms", "is_llm_call", "role", "call_index", "outcome", "is_hedge")
    several = {parent for parent, children in Counter(parents).items() if children > 1}
    for row, (start, end, call, role, index, outcome, hedge) in enumerate(columns_of(spans, *wanted)):
        if parents[row] in several:
            which: Hashable = (role, index) if call and index is not None else row
            yield Try(row, parents[row], start, end, which, outcome not in UNWANTED, hedge)


_SAID = {
    "straggler": "{time} waiting for {name} alone",
    "quorum": "{time} more after enough had answered",
    "retry": "{time} of pause before this try",
}


def notes(found: Sequence[Wait], names: Sequence[str]) -> list[str]:
    notes = [""] * len(names)
    for wait in found:
        said = _SAID[wait.kind].format(time=fmt.duration(wait.end_ms - wait.start_ms), name=names[wait.row])
        row = wait.row if wait.kind == "retry" else wait.parent
        notes[row] = f"{notes[row]} · {said}" if notes[row] else said
    return notes
