"""Files of every released schema, brought to today's.

`released/version_1` was written by the code that was released with schema version 1: its schema, and the rows
it stored of the example traces below.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from collector import queries
from collector.errors import StoreTooNew, StoreUnreadable
from collector.parameters import (
    CallsOf,
    ChosenRuns,
    Nothing,
    OneSpan,
    OneTrace,
    SaidIn,
    Words,
)
from collector.spans import otlp, otlp_export
from collector.store.duckdb import migration
from collector.store.duckdb.opening import OPTIONS
from collector.store.duckdb.store import SCHEMA_VERSION, DuckdbStore
from composite_llm import conventions as c
from tests.collector.question_examples import EXAMPLES
from tests.collector.running import EVERYTHING, CollectorProcess
from tests.otlp_traces import (
    MINUTE,
    NOON,
    council_trace,
    export_request,
    failed_trace,
    foreign_trace,
    key_values,
    moa_trace,
    span_hex,
    trace_hex,
)

RELEASED = Path(__file__).parent / "released"
LAST = 2**63 - 1
TABLES = ("spans", "resources", "trace_parts")


def released_store(folder: Path, version: int = 1) -> Path:
    """A file as that version left it."""
    folder.mkdir(exist_ok=True)
    path = folder / "traces.duckdb"
    stored = RELEASED / f"version_{version}"
    with duckdb.connect() as connection:
        connection.execute(f"attach '{path}' as store ({OPTIONS})")
        connection.execute("use store")
        connection.execute((stored / "schema.sql").read_text())
        for table in TABLES:
            columns = dict(
                connection.execute(
                    "select column_name, data_type from duckdb_columns() where table_name = $table",
                    {"table": table},
                ).fetchall()
            )
            rows = connection.read_json(str(stored / f"{table}.jsonl"), columns=columns)
            connection.execute(f"insert into {table} by name select * from rows")
            del rows
        connection.execute(f"insert into meta values ('schema_version', '{version}')")
    return path


def examples() -> list:
    """The requests that version 1 was given."""
    labelled = moa_trace(5, start_ns=NOON + 4 * MINUTE, simulated=True)
    label = {
        c.SESSION_ID: "session-5",
        c.USER_ID: "user-5",
        c.TRACE_TAGS: ["a", "b"],
        c.RESPONSE_ID: "response-5",
    }
    for span in labelled:
        span.attributes.extend(key_values(label))
    with_scope = export_request(labelled)
    with_scope.resource_spans[0].scope_spans[0].scope.attributes.extend(key_values({"mode": "test"}))
    moa = moa_trace(1)
    return [
        export_request(moa[:4]),
        export_request(moa[4:]),
        export_request(council_trace(2, start_ns=NOON + MINUTE)),
        export_request(failed_trace(3, start_ns=NOON + 2 * MINUTE)),
        export_request(
            foreign_trace(4, start_ns=NOON + 3 * MINUTE),
            resource={"service.name": "other", "process.pid": 7},
            scope="other.library",
        ),
        with_scope,
    ]


@pytest.fixture(scope="module")
def migrated(tmp_path_factory):
    """Only to be asked."""
    folder = tmp_path_factory.mktemp("old")
    released_store(folder)
    store = DuckdbStore.open(folder)
    yield store
    store.close()


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    """Only to be asked, too."""
    store = DuckdbStore.open(tmp_path_factory.mktemp("fresh"))
    for request in examples():
        store.land(otlp.batch_of(request))
    yield store
    store.close()


def fetched(store, statement: str) -> list[tuple]:
    with store.file.reading() as cursor:
        return cursor.execute(statement).fetchall()


IDS = tuple(trace_hex(number) for number in range(1, 6))
TRACES = [OneTrace(trace_id=trace_hex(number)) for number in range(1, 6)]
ASKED = {kind: [example] for kind, example in EXAMPLES.items()} | {
    OneTrace: TRACES,
    OneSpan: [
        OneSpan(trace_id=trace.trace_id, span_id=span_hex(number))
        for trace in TRACES
        for number in range(1, 10)
    ],
    Words: [Words(**EVERYTHING, text="answer")],
    SaidIn: [SaidIn(**EVERYTHING, trace_ids=IDS, text="answer")],
    ChosenRuns: [ChosenRuns(trace_ids=IDS)],
    CallsOf: [CallsOf(trace_ids=IDS, first_ns=0, last_ns=LAST)],
}


@pytest.mark.parametrize("name", sorted(queries.QUESTIONS))
def test_every_question_is_answered_as_by_a_new_store(name, migrated, fresh):
    question = queries.QUESTIONS[name]
    for asked in ASKED[question.parameters]:
        assert told(name, question.answer(migrated, asked)) == told(name, question.answer(fresh, asked))


UNORDERED = ("findings", "run_spans", "strategy_calls")


def told(name: str, table) -> list[dict]:
    """An answer without what version 1 did not store: the order of JSON, digests of originals, when spans came."""
    rows = table.to_pylist()
    if name in UNORDERED:
        rows.sort(key=lambda row: (row["trace_id"], row["span_id"]))
    if name == "first_starts":
        # One row a moment at which spans came, which version 1 did not keep: what is left is the earliest start.
        return [min(({**row, "landed_ns": 0} for row in rows), key=lambda row: row["start_ns"])]
    if name == "trace_otlp":
        return sorted((in_order(span) for span in spans_of(rows)), key=lambda span: span["spanId"])
    for row in rows:
        row.pop("landed", None)
        for key in ("attributes", "events", "links", "resource"):
            if isinstance(row.get(key), str):
                row[key] = json.loads(row[key])
        for link in [*(row.get("events") or []), *(row.get("links") or [])]:
            for key in ("dropped_attributes", "flags"):
                link.pop(key, None)
        if "spend_usd" in row and row["spend_usd"] is not None:
            row["spend_usd"] = round(row["spend_usd"], 9)
    return rows


def spans_of(rows: list[dict]) -> list[dict]:
    data = json.loads(otlp_export.to_json(otlp_export.traces_data(rows)))
    return [
        span | {"scope": in_order(scope["scope"]), "resource": in_order(resource["resource"])}
        for resource in data["resourceSpans"]
        for scope in resource["scopeSpans"]
        for span in scope["spans"]
    ]


def in_order(value):
    """Attributes have no order."""
    if isinstance(value, dict):
        return {key: in_order(item) for key, item in value.items()}
    if isinstance(value, list):
        return sorted((in_order(item) for item in value), key=json.dumps)
    return value


def test_it_has_the_tables_and_columns_of_a_new_store(migrated, fresh):
    """A column keeps the codec it was made with, and two have none since."""
    columns = (
        "select table_name, column_name, data_type, is_nullable, column_name not in ('events', 'links') and "
        "(select contains(sql, column_name || ' ' || data_type || ' USING COMPRESSION ZSTD') from duckdb_tables() "
        "as holder where holder.table_name = duckdb_columns.table_name) as compressed "
        "from duckdb_columns() where not internal order by all"
    )
    objects = (
        "select function_name, macro_definition from duckdb_functions() where not internal "
        "union all select view_name, sql from duckdb_views() where not internal order by all"
    )

    assert fetched(migrated, columns) == fetched(fresh, columns)
    assert fetched(migrated, objects) == fetched(fresh, objects)


def test_old_spans_get_what_version_1_did_not_know_of_them(migrated):
    known = dict(fetched(migrated, "select trace_id, list(distinct dialect) from spans group by 1"))
    assert known.pop(trace_hex(4)) == ["gen_ai"]
    assert set(map(tuple, known.values())) == {("composite",)}
    assert fetched(
        migrated,
        "select session_id, user_id, list_sort(tags) from traces where session_id is not null",
    ) == [("session-5", "user-5", ["a", "b"])]
    assert fetched(migrated, "select count(*) from spans where response_id = 'response-5'") == [(7,)]


def test_times_that_no_timestamp_can_hold_are_told_as_the_last_that_one_can(tmp_path):
    with duckdb.connect(str(released_store(tmp_path))) as connection:
        endless = f"span_id = '{span_hex(1)}' and trace_id in ('{trace_hex(1)}', '{trace_hex(2)}')"
        connection.execute(
            f"update spans set start_ns = {LAST} where {endless} and trace_id = '{trace_hex(1)}'"
        )
        connection.execute(f"update spans set duration_ns = {LAST} - start_ns where {endless}")
    store = DuckdbStore.open(tmp_path)

    for name, question in queries.QUESTIONS.items():
        for asked in ASKED[question.parameters]:
            assert question.answer(store, asked).schema.names, name
    assert fetched(
        store, f"select start_ns, start_ns + duration_ns, oddities from spans where {endless}"
    ) == [
        (LAST - 1, LAST - 1, ["ends beyond the year 2262"]),
        (NOON + MINUTE, LAST - 1, ["ends beyond the year 2262"]),
    ]
    store.close()


def test_old_and_new_spans_make_one_trace(tmp_path):
    released_store(tmp_path)
    store = DuckdbStore.open(tmp_path)
    late = moa_trace(1)
    assert store.land(otlp.batch_of(export_request(late))).num_rows == 0
    late[0].span_id = (99).to_bytes(8, "big")

    assert store.land(otlp.batch_of(export_request(late))).num_rows == 1
    [row] = queries.trace_summary(store, OneTrace(trace_id=trace_hex(1))).to_pylist()
    assert (row["spans"], row["calls"], row["cost_usd"]) == (8, 5, pytest.approx(0.11))
    store.close()


def test_a_migrated_store_opens_again_as_it_is(tmp_path):
    path = released_store(tmp_path)
    DuckdbStore.open(tmp_path).close()
    once = path.read_bytes()
    DuckdbStore.open(tmp_path).close()

    store = DuckdbStore.open(tmp_path)
    assert fetched(store, "select value from meta") == [(str(SCHEMA_VERSION),)]
    assert fetched(store, "select count(*), count(scope_id) from spans") == [(28, 28)]
    store.close()
    assert len(path.read_bytes()) == len(once)


KILLED_AT_STEPS = """
import os, signal, sys
from pathlib import Path
from collector.store.duckdb import migration, opening

class Killed:
    # Ends the process in place of the statement with that number.
    def __init__(self, connection, number):
        self._connection, self._left = connection, number
    def execute(self, *statement):
        if not self._left:
            os.kill(os.getpid(), signal.SIGKILL)
        self._left -= 1
        return self._connection.execute(*statement)
    def __getattr__(self, name):
        return getattr(self._connection, name)

bring_up_to_date = migration.bring_up_to_date
for folder in map(Path, sys.argv[1:]):
    # A fork each, since starting Python takes longer than the migration.
    child = os.fork()
    if not child:
        def killed(connection, path):
            bring_up_to_date(Killed(connection, int(folder.name)), path)
            os.kill(os.getpid(), signal.SIGKILL)
        opening.migration.bring_up_to_date = killed
        opening.opened(folder / "traces.duckdb")
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), status
"""
"""Brings the store of each folder to today's version, and is killed before the statement after which the folder is
named, or right after the last."""
EVERY = 5


class Counted:
    """The statements of a migration, as they are run."""

    def __init__(self, connection) -> None:
        self._connection = connection
        self.run: list[str] = []

    def execute(self, *statement):
        self.run.append(statement[0])
        return self._connection.execute(*statement)

    def __getattr__(self, name):
        return getattr(self._connection, name)


def statements_of_a_migration(folder: Path) -> list[str]:
    path = released_store(folder)
    with duckdb.connect() as connection:
        connection.execute(f"attach '{path}' as store ({OPTIONS})")
        connection.execute("use store")
        counted = Counted(connection)
        migration.bring_up_to_date(counted, path)
    return counted.run


def version_in(folder: Path) -> int:
    with duckdb.connect(str(folder / "traces.duckdb"), read_only=True) as connection:
        [(version,)] = connection.execute("select value from meta").fetchall()
    return int(version)


@pytest.fixture(scope="module")
def killed(tmp_path_factory):
    """The folders of stores whose migration was killed, by the number of statements that it had run."""
    if not hasattr(os, "fork"):
        pytest.skip("kills forks of one process")
    home = tmp_path_factory.mktemp("killed")
    run = statements_of_a_migration(home / "counted")
    assert run[-1] == "commit"
    released_store(home / "old")
    folders = {number: home / str(number) for number in {*range(0, len(run), EVERY), len(run) - 1, len(run)}}
    for folder in folders.values():
        shutil.copytree(home / "old", folder)
    subprocess.run([sys.executable, "-c", KILLED_AT_STEPS, *folders.values()], check=True)
    return folders


def assert_whole(folder: Path) -> None:
    store = DuckdbStore.open(folder)
    assert fetched(store, "select count(*), count(scope_id) from spans") == [(28, 28)]
    assert queries.store_counts(store, Nothing()).to_pylist()[0]["traces"] == 5
    store.close()


def test_a_kill_before_the_commit_of_a_migration_leaves_the_version_before(killed):
    committed = max(killed)
    assert {number: version_in(folder) for number, folder in killed.items()} == {
        number: SCHEMA_VERSION if number == committed else 1 for number in killed
    }
    # Whoever opens it next brings it up to date: one early, one late.
    for number in (EVERY, committed - 1):
        assert_whole(killed[number])


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.99, 1.0])
def test_a_kill_amid_the_commit_of_a_migration_leaves_one_version_or_the_other(killed, tmp_path, share):
    """The commit is one write to the log, of which a kill may leave any part."""
    shutil.copytree(killed[max(killed)], tmp_path / "store")
    log = tmp_path / "store" / "traces.duckdb.wal"
    whole = log.stat().st_size
    assert whole > 10_000
    os.truncate(log, int(whole * share))

    assert version_in(tmp_path / "store") == (SCHEMA_VERSION if share == 1 else 1)
    assert_whole(tmp_path / "store")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("update meta set value = '0'", "schema version is '0'"),
        ("update meta set value = '-1'", "schema version is '-1'"),
        ("update meta set value = 'two'", "schema version is 'two'"),
        ("update meta set value = ''", "schema version is ''"),
        ("delete from meta", "names no schema version"),
        ("drop table meta", "other tables"),
        ("drop table meta; create table meta(key int)", "other tables"),
        ("drop table spans", "bringing it to 2 failed"),
    ],
)
def test_a_file_without_a_version_that_makes_sense_is_refused_and_left_as_it_is(tmp_path, change, said):
    path = released_store(tmp_path)
    with duckdb.connect(str(path)) as connection:
        connection.execute(change)
    before = path.read_bytes()

    with pytest.raises(StoreUnreadable, match=said):
        DuckdbStore.open(tmp_path)
    assert path.read_bytes() == before


def test_a_disk_without_room_for_a_migration_is_said_before_it_begins(tmp_path, monkeypatch):
    path = released_store(tmp_path)
    monkeypatch.setattr(migration, "SHARE_NEEDED", 1e12)
    before = path.read_bytes()

    with pytest.raises(StoreUnreadable, match="bytes of disk, of which .* are free"):
        DuckdbStore.open(tmp_path)
    assert path.read_bytes() == before


def test_a_later_version_is_refused_and_left_as_it_is(tmp_path):
    path = released_store(tmp_path)
    with duckdb.connect(str(path)) as connection:
        connection.execute("update meta set value = '999'")
    before = path.read_bytes()

    with pytest.raises(StoreTooNew, match="schema version 999"):
        DuckdbStore.open(tmp_path)
    assert path.read_bytes() == before
    code, errors = CollectorProcess(tmp_path).close_input()
    assert code == 2
    assert "Update composite-llm" in errors
    assert "Traceback" not in errors
