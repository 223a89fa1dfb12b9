"""A receipt as a tree in the terminal: stages, their calls, the totals."""

from rich.console import Group
from rich.text import Text

from cli.screen import printable
from cli.tree_table import tree_table
from composite_llm.accounting.receipts import Receipt
from dashboard.facts import receipt_notes
from dashboard.lines import receipt_lines


def receipt_view(receipt: Receipt, *, width: int) -> Group:
    """Text only: nothing a model wrote is read as markup."""
    table = tree_table(list(receipt_lines(receipt)), first_column="call", width=width)
    return Group(table, *(Text(printable(note), style="yellow") for note in receipt_notes(receipt)))
