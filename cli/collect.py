"""`composite-llm collect`: the collector, alone in the foreground."""

import logging
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Annotated

import typer


def collect(
    data: Annotated[
        Path, typer.Option(envvar="COMPOSITE_LLM_DATA", help="Folder of traces.duckdb and the spool.")
    ] = Path("data"),
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port on 127.0.0.1; 0 takes any free one.")
    ] = 4318,
    store: Annotated[
        str,
        typer.Option(
            help="clickhouse://user:password@host:port/database instead of traces.duckdb. Better said in "
            "COMPOSITE_LLM_STORE, since other users of a machine may read its command lines."
        ),
    ] = "",
    keep: Annotated[
        str,
        typer.Option(
            envvar="COMPOSITE_LLM_KEEP", help="Traces that ended longer ago go, such as 30d. Empty: keep all."
        ),
    ] = "",
    max_size: Annotated[
        str,
        typer.Option(
            envvar="COMPOSITE_LLM_MAX_SIZE",
            help="The earliest traces go when the store is larger, such as 5GB. Empty: no limit.",
        ),
    ] = "",
    exit_with_parent: Annotated[
        bool, typer.Option("--exit-with-parent", help="Stop when standard input ends.")
    ] = False,
) -> None:
    """Receive spans (OTLP/HTTP) and answer questions about them.

    Example: composite-llm collect --data data --port 4318
    """
    from collector.errors import CollectorError
    from collector.retention import Limits
    from collector.server import Collector, listening_socket, serve
    from composite_llm import settings

    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    # The server's own handlers take over while it runs; these end the program before and after, quietly.
    signal.signal(signal.SIGTERM, _exit)
    signal.signal(signal.SIGINT, _exit)
    try:
        limits = Limits.of(keep, max_size)
        listener = listening_socket(port)
        collector = Collector(data, limits=limits, store=store or settings.load().store)
    except CollectorError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    host, bound_port = listener.getsockname()
    typer.echo(f"Collecting at http://{host}:{bound_port} into {collector.store.location}")
    sys.stdout.flush()
    serve(collector, listener, stop=_end_of_input() if exit_with_parent else None)


def _exit(*_: object) -> None:
    raise SystemExit(0)


def _end_of_input() -> threading.Event:
    """Set once standard input ends, which it does when the process that holds its other end is gone."""
    ended = threading.Event()

    def wait() -> None:
        # Not through sys.stdin: a thread waiting inside it aborts the interpreter at its end.
        while os.read(0, 1024):
            pass
        ended.set()

    threading.Thread(target=wait, name="end-of-input", daemon=True).start()
    return ended
