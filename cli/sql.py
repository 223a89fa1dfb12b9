"""`composite-llm sql`: any question about the store, in SQL that only reads."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    import pyarrow as pa

Statement = Annotated[
    str | None,
    typer.Argument(
        metavar="STATEMENT", help="One SELECT; - reads it from standard input.", show_default=False
    ),
]
Json = Annotated[bool, typer.Option("--json", help="One JSON object a row and line.")]
Csv = Annotated[
    bool,
    typer.Option("--csv", help="CSV with a header; in a file or pipe, cells come as stored (raw bytes)."),
]
Limit = Annotated[int, typer.Option("--limit", "-n", min=1, max=1_000_000, help="At most so many rows.")]
Seconds = Annotated[float, typer.Option(min=0.1, max=300, help="Give up after so long.")]
Schema = Annotated[bool, typer.Option("--schema", help="List the tables and columns there are.")]

CANCELLED = 130
"""What shells say of a program that Ctrl-C ended."""


def sql(
    statement: Statement = None,
    json: Json = False,
    csv: Csv = False,
    limit: Limit = 1000,
    seconds: Seconds = 30.0,
    schema: Schema = False,
) -> None:
    """Ask the store in SQL. Nothing can be written; Ctrl-C cancels the query where it runs.

    Example: composite-llm sql "select model, sum(cost_usd) as usd from spans where is_llm_call group by model"
    """
    from cli.connection import collector
    from cli.screen import say, stop

    if json and csv:
        raise stop("--json and --csv exclude each other.")
    if schema:
        _list_tables(as_json=json)
        return
    text = _read(statement)
    with collector() as client:
        try:
            answer = client.sql(text, row_limit=limit, seconds=seconds)
        except KeyboardInterrupt:
            # Hanging up is what cancels it there.
            client.close()
            say("Cancelled.")
            raise typer.Exit(CANCELLED) from None
    _print(answer.table, as_json=json, as_csv=csv)
    if answer.is_cut:
        say(
            f"Cut after {answer.table.num_rows:,} rows; there are more. --limit shows more of them.", "yellow"
        )


def _read(statement: str | None) -> str:
    import sys

    from cli.screen import stop

    text = sys.stdin.read() if statement == "-" else statement or ""
    if not text.strip():
        raise stop('There is no statement. Example: composite-llm sql "select count(*) from spans"')
    return text


def _list_tables(*, as_json: bool) -> None:
    from cli.connection import collector
    from cli.schema_view import schema_view
    from cli.screen import console, print_json

    with collector() as client:
        schema = client.get("/schema")
    if as_json:
        print_json(schema)
    else:
        console().print(schema_view(schema))


def _print(table: "pa.Table", *, as_json: bool, as_csv: bool) -> None:
    from cli.screen import console, print_csv, print_json
    from cli.sql_view import sql_view, unique_names
    from collector.api import cells

    if as_json:
        names = unique_names(table.column_names)
        for row in cells.rows(table):
            print_json(dict(zip(names, row, strict=True)))
    elif as_csv:
        for part in cells.csv_parts(table):
            print_csv(part)
    else:
        screen = console()
        screen.print(sql_view(table, width=screen.width))
