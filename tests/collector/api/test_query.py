"""Hand-written SQL: what it answers, and everything it must not be able to do."""

import json
import select
import socket
import sys
from contextlib import closing

import httpx
import pyarrow as pa
import pytest

from collector import arrow_stream
from collector.client import CollectorClient
from collector.errors import QuestionError
from collector.store import sql_answer
from collector.store.duckdb import explorer
from collector.store.duckdb.cancellation import Cancellation
from tests.collector.running import PROTOBUF, CollectorProcess, wait_until
from tests.otlp_traces import export_request, moa_trace

ENDLESS = "select count(*) from range(10_000_000) a, range(10_000_000) b where a.range + b.range = 7"


@pytest.fixture
def client(collector):
    with CollectorClient(collector.url) as opened:
        yield opened


def ask(collector, sql, **more):
    return httpx.post(f"{collector.url}/query", json={"sql": sql, **more}, timeout=300)


def test_sql_answers_with_columns_and_rows(stored):
    answer = ask(
        stored, "select model, count(*) as calls from spans where is_llm_call group by all order by all"
    )

    assert answer.status_code == 200
    assert answer.json() == {
        "columns": [{"name": "model", "type": "string"}, {"name": "calls", "type": "int64"}],
        "rows": [
            ["anthropic/claude-opus", 4],
            ["gemini/flash", 1],
            ["gpt-4o-mini", 1],
            ["openai/gpt-4o", 6],
        ],
        "is_cut": False,
    }


def test_what_a_run_cost_is_nothing_known_where_no_price_is(stored):
    sql = "select round(cost_usd, 9), unpriced_calls, status from traces order by started, trace_id"

    runs = ask(stored, sql).json()["rows"]

    assert runs == [[0.1, 0, "ok"], [0.15, 0, "ok"], [0.0, 0, "error"], [None, 1, "ok"]]


@pytest.mark.parametrize(
    ("sql", "parameters", "rows"),
    [
        ("select $a || $b", {"a": "x'; drop table spans; --", "b": "y"}, [["x'; drop table spans; --y"]]),
        ("select ? + ?", [1, 2], [[3]]),
        ("values (1), (2)", {}, [[1], [2]]),
        ("from range(2)", {}, [[0], [1]]),
        ("with x as (select 1 as a) select a from x -- a comment; and no second statement", {}, [[1]]),
        ("select 'a;b' ;", {}, [["a;b"]]),
        (
            "with recursive r as (select 1 i union all select i + 1 from r where i < 3) from r",
            {},
            [[1], [2], [3]],
        ),
    ],
)
def test_what_only_reads_is_answered(stored, sql, parameters, rows):
    assert ask(stored, sql, parameters=parameters).json()["rows"] == rows


def test_values_keep_what_they_are_in_json(stored):
    sql = """select 9007199254740993 as big, 170141183460469231731687303715884105727::hugeint as huge, 0.1 as tenth,
        1.234567890123456789 as long, 'nan'::double as nan, null as nothing, [1, null] as list, {'a': 1.5} as struct,
        timestamp_ns '2026-09-27 12:00:00.123456789' as moment, '\\x00\\xFF'::blob as bytes, date '2026-09-27' as day"""

    [row] = json.loads(ask(stored, sql).content)["rows"]

    assert row == [
        9007199254740993,
        170141183460469231731687303715884105727,
        0.1,
        "1.234567890123456789",
        "nan",
        None,
        [1, None],
        {"a": 1.5},
        "2026-09-27T12:00:00.123456789",
        "AP8=",
        "2026-09-27",
    ]


def test_rows_come_as_arrow_and_as_csv(stored):
    sql = "select 1 as a, [1, 2] as b, 'x,y' as c, null as d"

    arrow, text = ask(stored, sql, format="arrow"), ask(stored, sql, format="csv")

    assert arrow_stream.decoded(arrow.content).to_pylist() == [{"a": 1, "b": [1, 2], "c": "x,y", "d": None}]
    assert text.headers["content-type"] == "text/csv; charset=utf-8"
    assert text.text == 'a,b,c,d\r\n1,"[1, 2]","x,y",\r\n'


def test_rows_beyond_the_limit_are_left_out_and_that_is_told(collector, client):
    cut = ask(collector, "from range(11) order by range", row_limit=10)
    whole = ask(collector, "from range(10)", row_limit=10)

    assert (len(cut.json()["rows"]), cut.json()["is_cut"], cut.headers["rows-cut"]) == (10, True, "true")
    assert (len(whole.json()["rows"]), whole.json()["is_cut"], whole.headers["rows-cut"]) == (
        10,
        False,
        "false",
    )
    assert client.sql("from range(1e18::bigint)").table.num_rows == 10_000
    assert client.sql("from range(3)", row_limit=2) == client.sql("from range(2)", row_limit=2).__class__(
        pa.table({"range": pa.array([0, 1], pa.int64())}), is_cut=True
    )


def test_an_answer_that_grows_too_large_is_cut(client, monkeypatch):
    monkeypatch.setattr(sql_answer, "MOST_BYTES", 1024 * 1024)
    # Ten megabytes in rows of a kilobyte, which are read 2048 at a time.
    wide = " || ".join(["md5(range::varchar)"] * 32)

    answer = client.sql(f"select {wide} as text from range(10_240)", row_limit=1_000_000)

    assert (answer.is_cut, answer.table.num_rows) == (True, 2048)


@pytest.mark.parametrize("format", ["json", "csv", "arrow"])
def test_many_columns_are_many_values(collector, format):
    """A bit each in Arrow: 5 MB, and a gigabyte of Python's."""
    columns = ", ".join(f"true as c{number}" for number in range(40))

    answer = ask(collector, f"select {columns} from range(1_000_000)", row_limit=1_000_000, format=format)

    rows = {
        "json": lambda: len(answer.json()["rows"]),
        "csv": lambda: len(answer.text.splitlines()) - 1,
        "arrow": lambda: arrow_stream.decoded(answer.content).num_rows,
    }
    assert (rows[format](), answer.headers["rows-cut"]) == (1_000_000 // 40, "true")


def test_what_lists_hold_counts(client, monkeypatch):
    monkeypatch.setattr(sql_answer, "MOST_VALUES", 100)

    # A cell and nine values in it, each row.
    answer = client.sql("select [true, true, true, true, true, true, true, true, true] from range(11)")

    assert (answer.table.num_rows, answer.is_cut) == (10, True)
    assert client.sql("select {'a': 1, 'b': 2} from range(50)").is_cut is False
    with pytest.raises(QuestionError, match="a single row holds more than 100 values"):
        client.sql("select list(range) from range(100)")


def test_the_time_limit_holds_between_two_batches_of_rows(store, monkeypatch):
    """The engine has begun to give rows; then Arrow's reader tells of its end, and not the engine itself."""
    over = Cancellation()

    def first_rows(schema, reader, row_limit):
        next(iter(reader))
        over.cancel()
        return sql_answer.first_rows(schema, reader, row_limit)

    monkeypatch.setattr(explorer, "first_rows", first_rows)
    with pytest.raises(QuestionError, match="the query was cancelled; ask for less"):
        store.sql(
            "select a.range from range(1_000_000) as a, range(1_000_000) as b where a.range % 7 > 2",
            {},
            row_limit=2_000_000,
            seconds=60,
            cancellation=over,
        )


@pytest.mark.parametrize("format", ["json", "csv"])
def test_the_time_limit_holds_while_rows_are_written(collector, format):
    """The engine has these at once; a million decimals are written slowly."""
    sql = "select 1.1::decimal(9, 1) from range(1_000_000)"

    answer = ask(collector, sql, row_limit=1_000_000, seconds=0.3, format=format)

    assert (answer.status_code, answer.json()["code"]) == (400, 3)
    assert answer.json()["message"].startswith("it took longer than 0.3 s; ask for less")


WRITES = """
insert into meta values ('a', 'b')
update meta set value = '9'
delete from spans
truncate spans
drop table spans
alter table spans add column x integer
create table t as select 1
create table memory.main.t as select 1
create temp table t as select 1
create temp view v as select 1
create temp macro runs(a, b, c, d) as table select 1
create or replace macro bucket_of(a, b, c) as 1
merge into meta using meta as m on false when not matched then insert values ('a', 'b')
with x as (insert into meta values ('a', 'b') returning *) select * from x
with x as (delete from meta returning *) select * from x
with x as (update meta set value = '9' returning *) select count(*) from x
comment on table spans is 'x'
""".strip().splitlines()

FILES = """
copy spans to '/tmp/x.csv'
copy (select 1) to '/tmp/x.parquet'
attach '/tmp/x.db' as x
attach ':memory:' as x
detach store
export database '/tmp/x'
import database '/tmp/x'
install httpfs
load httpfs
select * from '/etc/passwd'
select * from 'https://example.org/x.csv'
select * from read_csv('/etc/passwd')
select * from read_text('/etc/passwd')
select * from read_blob('/etc/passwd')
select * from read_json('/etc/passwd')
select * from read_parquet('/tmp/*.parquet')
select * from read_duckdb('/tmp/x.db')
select * from glob('/*')
select * from sniff_csv('/etc/passwd')
select * from parquet_metadata('/tmp/x')
select (select content from read_text('/etc/passwd'))
select * from query('select * from read_text(''/etc/passwd'')')
select * from json_execute_serialized_sql(json_serialize_sql('select 1'))
select getenv('HOME')
select current_setting('temp_directory')
select system.main.getenv('HOME')
select * from duckdb_secrets()
select * from which_secret('/tmp/x', 's3')
""".strip().splitlines()

ACTS = """
set threads = 1
set operator_memory_limit = '100GB'
set variable x = 1
reset threads
pragma enable_profiling
pragma database_list
use memory
checkpoint
force checkpoint
vacuum
select * from checkpoint()
select * from force_checkpoint('store')
SELECT * FROM System.Main.CheckPoint()
select * from "checkpoint"()
select/**/ * from/**/checkpoint/**/()
with x as (select * from checkpoint()) select 1
select (select count(*) from checkpoint())
select * from enable_logging()
select * from truncate_duckdb_logs()
select write_log('x')
select sleep_ms(100000)
select repeat('x', 4000000000)
select 'x'.repeat(4000000000)
select lpad('x', 2000000000, 'y')
select range(10000000000)
select [x for x in generate_series(1, 10000000000)]
select list_reduce([1, 2], lambda a, b: a || b)
call pragma_version()
call checkpoint()
begin
commit
rollback
prepare p as select 1
execute p
deallocate p
explain analyze select 1
select 1; select 2
select 1; drop table spans
;;
""".strip().splitlines()


@pytest.mark.parametrize("sql", [*WRITES, *FILES, *ACTS])
def test_what_does_more_than_read_is_refused_and_changes_nothing(store_at_rest, sql):
    collector, before = store_at_rest

    answer = ask(collector, sql)

    assert (answer.status_code, answer.json()["code"]) == (400, 3)
    assert answer.json()["message"]
    assert "root:" not in answer.text
    assert state(collector) == before


@pytest.fixture(scope="module")
def store_at_rest(stored):
    """One collector for all attacks: what one of them broke, the next ones would show."""
    return stored, state(stored)


def state(collector):
    sql = """select (select count(*) from spans), (select list(value order by key) from meta),
        (select list(table_name order by table_name) from duckdb_tables()), (select count(*) from duckdb_columns()),
        (select list(function_name order by function_name) from duckdb_functions() where not internal),
        (select list(view_name order by view_name) from duckdb_views() where not internal)"""
    return ask(collector, sql).json()["rows"]


@pytest.mark.parametrize(
    "sql",
    [
        "select\u00a01",
        "select 1 \u037e drop table spans",
        "\ufeffselect 1",
        "select '\u0000'",
        "selec\u0442 1",
        "/* */ -- \n select 1 /* ; drop table spans */",
        'select "\u202edrop" from (select 1 as "\u202edrop")',
    ],
)
def test_tricks_of_writing_change_nothing(store_at_rest, sql):
    collector, before = store_at_rest

    assert ask(collector, sql).status_code in (200, 400)
    assert state(collector) == before


@pytest.mark.parametrize("sql", ["+".join("1" * 900), "[" * 400 + "]" * 400, "(" * 9000 + "1" + ")" * 9000])
def test_statements_that_are_nested_deeply_are_refused(stored, sql):
    answer = ask(stored, f"select {sql}")

    assert answer.status_code == 400
    assert "nested too deeply" in answer.json()["message"] or "depth" in answer.json()["message"]


def test_an_error_says_where_it_is(stored):
    answer = ask(stored, "select modell from spans")

    assert answer.status_code == 400
    assert 'Referenced column "modell" not found' in answer.json()["message"]
    assert "LINE 1: select modell from spans\n               ^" in answer.json()["message"]


@pytest.mark.parametrize(
    "sql",
    [
        "select sum(name) over (order by) from spans",
        "select 1 + list_value(1)",
        "select unnest(1)",
        "from nowhere",
    ],
)
def test_an_error_shows_nothing_the_caller_did_not_write(stored, sql):
    message = ask(stored, sql).json()["message"]

    assert "LINE 0" not in message
    assert "prepare asked" not in message


def test_an_error_gives_no_advice_that_cannot_be_followed(stored):
    answer = ask(stored, "select " + "+".join("1" * 1500))

    assert answer.status_code == 400
    assert "SET max" not in answer.text


def test_an_interval_is_text(stored):
    sql = "select interval '14 months 3 days 1.5 seconds' as a"

    assert ask(stored, sql).json()["rows"] == [["P14M3DT1.5S"]]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "sql: Field required"),
        ({"sql": "select 1", "limit": 3}, "limit: there is no such parameter"),
        ({"sql": "select 1", "row_limit": 0}, "row_limit: Input should be greater than or equal to 1"),
        ({"sql": "select 1", "seconds": 301}, "seconds: Input should be less than or equal to 300"),
        ({"sql": "select 1", "format": "xml"}, "format: Input should be 'json', 'arrow' or 'csv'"),
        ({"sql": "x" * 20_001}, "sql: String should have at most 20000 characters"),
        ({"sql": "select $a"}, "Values were not provided for the following parameters: a"),
    ],
)
def test_a_request_that_makes_no_sense_is_told_so(stored, body, message):
    answer = httpx.post(f"{stored.url}/query", json=body)

    assert (answer.status_code, answer.json()["code"]) == (400, 3)
    assert message in answer.json()["message"]


def test_a_page_cannot_make_a_browser_ask(stored):
    """Without asking first, a page may send text, and no JSON."""
    answer = httpx.post(
        f"{stored.url}/query", content=b'{"sql": "select 1"}', headers={"content-type": "text/plain"}
    )

    assert answer.status_code == 400
    assert "send the header 'content-type: application/json'" in answer.json()["message"]


def test_too_large_a_body_is_413(stored):
    answer = httpx.post(f"{stored.url}/query", json={"sql": "select 1", "parameters": ["x" * 2_000_000]})

    assert (answer.status_code, answer.json()["code"]) == (413, 3)


@pytest.mark.parametrize(
    "sql",
    [
        ENDLESS,
        "with recursive r as (select 1 as i union all select i + 1 from r) select max(i) from r",
        "select a.range from range(1_000_000) a, range(1_000_000) b order by hash(a.range + b.range)",
    ],
)
def test_a_query_without_end_ends_by_its_time_limit(client, sql):
    with pytest.raises(QuestionError, match=r"it took longer than 0\.3 s; ask for less"):
        client.sql(sql, seconds=0.3)


def test_a_query_that_takes_too_much_memory_is_refused_and_the_store_goes_on(collector, client):
    with pytest.raises(QuestionError, match="needs more memory"):
        client.sql("select list(range) from range(1_000_000_000)", seconds=300)

    assert collector.send(moa_trace()).status_code == 200


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps a process's limit of memory")
def test_a_value_larger_than_memory_fails_its_query_and_nothing_else(tmp_path):
    """40 GB and 8 GB, of which the engine counts nothing until they are made."""
    replaced = "select length(replace(a, 'x', a)) from (select string_agg('x', '') as a from range(200_000))"
    doubled = f"select length({'hex(' * 33}range::varchar{')' * 33}) from range(1)"
    with CollectorProcess(tmp_path / "data", "--max-body", "1") as process:
        for sql in (replaced, doubled):
            answer = ask(process, sql, seconds=300)

            assert (answer.status_code, answer.json()["code"]) == (400, 3)
            assert answer.json()["message"].startswith("the query needs more memory than it may have")
            assert "SET" not in answer.text
            assert "Possible solutions" not in answer.text
        body = export_request(moa_trace()).SerializeToString()
        assert httpx.post(f"{process.url}/v1/traces", content=body, headers=PROTOBUF).status_code == 200
        assert ask(process, "select count(*) from spans").json()["rows"] == [[len(moa_trace())]]


class Asking:
    """A client with a socket of its own, that may leave without waiting."""

    def __init__(self, collector, sql):
        host, port = collector.url.removeprefix("http://").split(":")
        self._address = (host, int(port))
        self._body = json.dumps({"sql": sql, "seconds": 300}).encode()
        self._ask()

    def _ask(self):
        self.socket = socket.create_connection(self._address)
        self.socket.sendall(
            b"POST /query HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Content-Length: %d\r\n\r\n%s" % (len(self._body), self._body)
        )

    def ask_again_if_refused(self):
        """Whoever looks for a free place by asking takes one meanwhile."""
        if select.select([self.socket], [], [], 0)[0]:
            self.close()
            self._ask()

    def close(self):
        self.socket.close()


def test_a_query_ends_when_its_client_leaves_and_others_are_answered_meanwhile(collector):
    with closing(Asking(collector, ENDLESS)), closing(Asking(collector, ENDLESS)):
        wait_until(lambda: collector.inside.explorers.running == 2)

        refused = ask(collector, "select 1")
        sent = collector.send(moa_trace())
        [totals] = collector.ask("totals", since_ns=0, until_ns=2**63 - 1)

    assert (refused.json()["code"], refused.headers["retry-after"]) == (8, "1")
    assert refused.json()["message"].startswith("2 queries are running")
    assert (sent.status_code, totals["runs"]) == (200, 1)
    # A place is given back only when its query has ended, and these would take hours.
    wait_until(lambda: collector.inside.explorers.running == 0)
    wait_until(lambda: ask(collector, "select 1").status_code == 200)


def test_a_collector_that_ends_does_not_wait_for_queries(tmp_path):
    with (
        CollectorProcess(tmp_path / "data") as process,
        closing(Asking(process, ENDLESS)) as first,
        closing(Asking(process, ENDLESS)) as second,
    ):

        def all_places_taken():
            first.ask_again_if_refused()
            second.ask_again_if_refused()
            return ask(process, "select 1").status_code == 429

        wait_until(all_places_taken)

        # Waited for, they would be cut off after ten seconds, and the log would say so.
        assert process.stop() == (0, "")
        for one in (first, second):
            assert "the query was cancelled" in one.socket.recv(10_000).decode()
