"""What hand-written SQL is answered with."""

from dataclasses import dataclass

import pyarrow as pa


@dataclass(frozen=True, slots=True)
class SqlAnswer:
    table: pa.Table
    is_cut: bool
    """There were more rows than were asked for, or than fit into one answer."""


CUT_HEADER = "Rows-Cut"
"""Says of an answer over HTTP whether it is cut: true or false."""
