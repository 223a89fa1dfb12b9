"""A run that says what was looked for, in the terminal: which one, and what it says."""

import re
from datetime import datetime
from typing import Any

from rich.text import Text

from cli.moments import brief
from cli.run_table import ID_DIGITS
from cli.screen import printable
from dashboard import fmt
from dashboard.plain import line

LONGEST = 240


def match_view(match: dict[str, Any], sought: str) -> Text:
    """Two lines, of which the second shows the words; text only, since all of it came in a span."""
    run = match["trace"]
    tokens = run["input_tokens"] + run["output_tokens"]
    parts = [
        moment(run["started"]),
        run["strategy"],
        match["span_name"],
        fmt.run_cost(run["cost_usd"], run["unpriced_calls"], tokens),
        "simulated" if run["simulated"] else "",
    ]
    head = Text(run["trace_id"][:ID_DIGITS], style="bold")
    head.append("  " + " · ".join(printable(line(part, 60)) for part in parts if part), style="not bold dim")
    said = Text(f"  {printable(line(match['excerpt'], LONGEST))}")
    said.highlight_regex(re.compile(re.escape(sought), re.IGNORECASE), "bold yellow")
    return Text("\n").join([head, said])


def moment(written: str) -> str:
    """`14:03:07`, or with its day, on the reader's clock; from ISO 8601 with nanoseconds."""
    return brief(datetime.fromisoformat(written[:26]))
