"""`composite-llm sql`: rows for people and programs."""

import csv
import io
import json
import os
import re
import signal
import subprocess

import pyarrow as pa
import pytest

from cli.sql_view import sql_view, unique_names
from tests.collector.running import child, running_collector, wait_until

ENDLESS = "select count(*) from range(100000000000) a, range(1000000) b"


def test_rows_are_a_table(command):
    done = command(
        "sql", "select strategy, sum(cost_usd) as usd from spans where strategy = 'council' group by 1"
    )

    head, row, count = done.stdout.splitlines()
    assert head.split() == ["strategy", "usd"]
    assert row.split()[0] == "council"
    assert float(row.split()[1]) == pytest.approx(0.15)
    assert count.strip() == "1 row"


def test_rows_are_json_lines_with_names_of_their_own(command):
    done = command("sql", "select 1 as n, 2 as n, null as nothing, ['a'] as list", "--json")

    assert [json.loads(line) for line in done.stdout.splitlines()] == [
        {"n": 1, "n_1": 2, "nothing": None, "list": ["a"]}
    ]


def test_rows_are_csv_that_reads_back(command):
    done = command("sql", "select 'a \"b\",' || chr(10) || 'c' as text, 7 as n", "--csv")

    assert list(csv.reader(io.StringIO(done.stdout, newline=""))) == [["text", "n"], ['a "b",\nc', "7"]]


def test_help_says_that_csv_is_raw_and_sums_over_calls_alone(command, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    said = " ".join(command("sql", "--help").stdout.split())

    assert "in a file or pipe, cells come as stored (raw bytes)" in said
    assert re.search(r"sum\(cost_usd\) as usd from spans where is_llm_call", said)


def test_a_statement_may_come_from_standard_input(command):
    assert json.loads(command("sql", "-", "--json", stdin="select 42 as x\n").stdout) == {"x": 42}


def test_what_is_cut_is_said(command):
    cut = command("sql", "select * from range(5)", "--limit", "3", "--csv")
    whole = command("sql", "select * from range(3)", "--limit", "3", "--csv")

    assert cut.stdout.split() == ["range", "0", "1", "2"]
    assert "Cut after 3 rows" in cut.stderr
    assert whole.stderr == ""


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("selec",), 'syntax error at or near "selec"'),
        (("select * from no_such_table",), "no_such_table"),
        (("drop table spans",), "only reads"),
        ((ENDLESS, "--seconds", "0.2"), "longer than 0.2 s"),
        ((), "There is no statement."),
        (("select 1", "--json", "--csv"), "--json and --csv exclude each other"),
    ],
)
def test_what_is_wrong_is_said_in_the_engines_words_with_exit_code_2(command, arguments, complaint):
    done = command("sql", *arguments)

    assert done.exit_code == 2
    assert complaint in done.stderr
    assert done.stdout == ""


def test_what_a_model_wrote_cannot_command_the_terminal(command):
    done = command("sql", "select question from spans where contains(question, 'pwned')")

    assert "[bold red]markup[/]" in done.stdout
    assert not {"\x1b", "\x07", "\u202e"} & set(done.stdout)


def test_columns_that_do_not_fit_side_by_side_become_blocks(command):
    out = command("sql", "select * from spans where contains(question, 'proof')").stdout

    assert out.startswith("row 1\n")
    assert "Which proof is shortest?" in out
    assert max(map(len, out.splitlines())) <= 150


def test_ctrl_c_cancels_the_query_where_it_runs(forks, tmp_path):
    command = [*forks.composite_llm, "sql", ENDLESS, "--seconds", "300"]
    with running_collector(tmp_path / "data") as collector:
        environment = {**os.environ, "COMPOSITE_LLM_COLLECTOR": collector.url}
        with child(command, env=environment, stderr=subprocess.PIPE) as process:
            wait_until(lambda: collector.inside.explorers.running == 1)
            process.send_signal(signal.SIGINT)
            errors = process.communicate(timeout=60)[1]
        wait_until(lambda: collector.inside.explorers.running == 0)

    assert (process.returncode, errors) == (130, b"Cancelled.\n")


def test_a_reader_that_leaves_early_is_no_error_to_talk_about(forks, stored):
    command = [
        *forks.composite_llm,
        "sql",
        "select * from range(200000)",
        "-n",
        "200000",
        "--csv",
    ]
    environment = {**os.environ, "COMPOSITE_LLM_COLLECTOR": stored}
    with child(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout.readline().strip() == b"range"
        process.stdout.close()
        assert process.stderr.read() == b""


def test_the_tables_and_their_columns_are_listed(command):
    out = command("sql", "--schema").stdout
    schema = json.loads(command("sql", "--schema", "--json").stdout)

    assert {"spans", "traces"} <= {table["name"] for table in schema["tables"]}
    assert any(line.split()[:2] == ["input_tokens", "BIGINT"] for line in out.splitlines())


def test_equal_names_are_told_apart():
    assert unique_names(["n", "n", "n_1", "n"]) == ["n", "n_2", "n_1", "n_3"]


def test_an_answer_without_rows_still_names_its_columns():
    from rich.console import Console

    empty = pa.table({"model": pa.array([], pa.string())})
    page = Console(file=io.StringIO(), width=80)
    page.print(sql_view(empty, width=80))

    assert page.file.getvalue().split() == ["model", "0", "rows"]
