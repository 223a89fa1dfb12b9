"""Makes the tables and views of a ClickHouse database, and checks that this program knows them."""

from clickhouse_connect.driver.client import Client

from collector.errors import StoreNewer
from collector.store import statements
from collector.store.clickhouse.address import ClickhouseAddress

SCHEMA_VERSION = 1
"""Of the tables on ClickHouse, which change at their own pace."""

BYTES_ON_DISK = """
select toInt64(sum(bytes_on_disk)) as bytes from system.parts where active and database = currentDatabase()
"""
DEFINITION = """
select create_table_query from system.tables where database = currentDatabase() and name = {table:String}
"""
# Beyond 2106 a DateTime starts over at 1970, which would make such a span expire at once.
EXPIRES = (
    "toDateTime(fromUnixTimestamp64Nano(least(start_ns, 3155760000000000000), 'UTC')) + toIntervalDay({})"
)


def prepare(client: Client, address: ClickhouseAddress) -> None:
    """Safe to do by several collectors at once: every statement makes what is absent or the same anew."""
    for statement in statements.schema(statements.CLICKHOUSE)[:1]:
        client.command(statement)
    _check(client, address)
    for statement in statements.schema(statements.CLICKHOUSE)[1:]:
        client.command(statement)
    if address.retention_days:
        _keep(client, address.retention_days)


def _keep(client: Client, days: int) -> None:
    """Said only where it is not so already: each change makes the server look at every part."""
    for table in ("spans", "trace_bounds"):
        expires = EXPIRES.format(days)
        [[defined]] = client.query(DEFINITION, parameters={"table": table}).result_rows
        if expires not in defined:
            client.command(f"alter table {table} modify ttl {expires}")


def _check(client: Client, address: ClickhouseAddress) -> None:
    found = client.query("select max(toUInt32(value)) from meta where key = 'schema_version'").first_item
    version = int(next(iter(found.values())) or 0) if found else 0
    if version > SCHEMA_VERSION:
        raise StoreNewer(str(address), version, SCHEMA_VERSION)
    if version < SCHEMA_VERSION:
        client.insert("meta", [["schema_version", str(SCHEMA_VERSION)]], column_names=["key", "value"])
