"""The tables of an open file, so that whoever copies or prunes misses none that was added later."""

from dataclasses import dataclass

import duckdb

from collector.store.duckdb.opening import ATTACHED_AS

TABLES = """
select table_name, bool_or(column_name = 'trace_id'), bool_or(column_name = 'start_ns')
from duckdb_columns()
where database_name = $store and table_name in (select table_name from duckdb_tables() where database_name = $store)
group by table_name
order by table_name
"""


@dataclass(frozen=True, slots=True)
class Table:
    name: str
    of_traces: bool
    """Its rows belong to a trace each."""
    in_time: bool
    """And have a start, by which they can be found without a look at all of them."""


def tables(cursor: duckdb.DuckDBPyConnection) -> list[Table]:
    return [Table(*row) for row in cursor.execute(TABLES, {"store": ATTACHED_AS}).fetchall()]
