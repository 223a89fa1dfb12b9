"""A receipt as a tree in the terminal: stages, their calls, the totals."""

from collections.abc import Iterable
from itertools import groupby

from rich.console import Group
from rich.table import Table
from rich.text import Text

from composite_llm.ledger import CallRecord
from composite_llm.receipts import Receipt


def receipt_view(receipt: Receipt) -> Group:
    """Text only: nothing a model wrote is read as markup."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("call")
    table.add_column("model", overflow="fold")
    for name in ("in", "out", "seconds", "cost"):
        table.add_column(name, justify="right", no_wrap=True, min_width=len(name))
    for stage, calls in groupby(receipt.calls, key=lambda call: call.stage):
        table.add_row(Text(stage, style="bold"))
        for row in _call_rows(sorted(calls, key=lambda call: (call.index, call.attempt))):
            table.add_row(*row)
    table.add_section()
    usage = receipt.usage
    total = Text(total_cost(receipt), style="bold")
    name = Text("total", style="bold")
    table.add_row(
        name,
        f"{len(receipt.calls)} call{'' if len(receipt.calls) == 1 else 's'}",
        f"{usage.input:,}",
        f"{usage.output:,}",
        f"{receipt.seconds:.2f}",
        total,
    )
    return Group(table, *notes(receipt))


def printable(text: str) -> str:
    """`text` without the control characters by which a model could move the cursor or rename the window."""
    return "".join(character for character in text if character in "\n\t" or character.isprintable())


def total_cost(receipt: Receipt) -> str:
    if receipt.cost_status == "unknown":
        return "unknown"
    lower_bound = "≥ " if receipt.cost_status == "partial" else ""
    return lower_bound + money(receipt.known_cost_usd)


def money(usd: float) -> str:
    """Six decimals below a cent, where calls live; four above."""
    return f"${usd:.6f}" if usd < 0.01 else f"${usd:.4f}"


def notes(receipt: Receipt) -> Iterable[Text]:
    if receipt.unpriced_models:
        models = ", ".join(receipt.unpriced_models)
        yield Text(
            f"No price is known for {models}, or a call ended before it reported its tokens.", style="yellow"
        )
    if receipt.simulated:
        yield Text(
            "Simulated: no model was asked, and nothing was billed. Costs are what the real models charge.",
            style="yellow",
        )


def _call_rows(calls: list[CallRecord]) -> Iterable[tuple[Text, Text, str, str, str, Text]]:
    for position, call in enumerate(calls):
        branch = "└ " if position == len(calls) - 1 else "├ "
        name = f"{call.role} {call.index + 1}" + (f", attempt {call.attempt}" if call.attempt > 1 else "")
        failed = call.outcome != "ok"
        yield (
            Text(branch + name + (f" · {call.outcome}" if failed else ""), style="red" if failed else ""),
            Text(call.model),
            f"{call.usage.input:,}" if call.usage else "–",
            f"{call.usage.output:,}" if call.usage else "–",
            f"{call.seconds:.2f}",
            Text(money(call.cost.total) if call.cost else "unknown" if call.unpriced else "–"),
        )
