"""Who spends: one function a question, as in `collector.queries`."""

from dataclasses import asdict, dataclass

import pyarrow as pa

from collector.errors import QuestionError
from collector.parameters import Window
from collector.store.interface import Answers

LABELS = ("user", "session", "tag", "program")
MOST_NAMES = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Spenders(Window):
    """The runs of a window, by a label they carry."""

    by: str
    """One of LABELS; the program is the service.name of what sent the spans."""
    most: int = 10
    """How many names, the dearest first."""

    def __post_init__(self) -> None:
        # Zero-argument super() does not work in a slotted dataclass.
        Window.__post_init__(self)
        if self.by not in LABELS:
            raise QuestionError(f"by must be one of {', '.join(LABELS)}")
        if not 1 <= self.most <= MOST_NAMES:
            raise QuestionError(f"most must be 1 to {MOST_NAMES}")


def spenders(store: Answers, asked: Spenders) -> pa.Table:
    """One row per user, session, tag or program that runs carry, the dearest first, as many as are wanted: name (empty:
    of runs that carry none), runs, spend_usd, unpriced_calls, cost_per_run_usd, names (of all rows there would be).
    A run counts for each of its tags, so tags add up to more than the window's total."""
    return store.ask("spenders", asdict(asked) | {"strategies": list(asked.strategies)})
