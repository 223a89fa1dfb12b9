"""A receipt as a tree in the terminal: stages, their calls, the totals."""

from rich.console import Group
from rich.text import Text

from cli.screen import printable
from cli.tree_table import tree_table
from composite_llm.receipts import Receipt
from dashboard import fmt
from dashboard.facts import receipt_cost, receipt_notes
from dashboard.lines import receipt_lines


def receipt_view(receipt: Receipt, *, width: int) -> Group:
    """Text only: nothing a model wrote is read as markup."""
    table = tree_table(list(receipt_lines(receipt)), first_column="call", width=width)
    table.add_section()
    table.add_row(
        Text("total", style="bold"),
        fmt.plural(len(receipt.calls), "call"),
        fmt.count(receipt.usage.input),
        fmt.count(receipt.usage.output),
        fmt.duration(receipt.seconds * 1000),
        Text(receipt_cost(receipt), style="bold"),
    )
    return Group(table, *(Text(printable(note), style="yellow") for note in receipt_notes(receipt)))
