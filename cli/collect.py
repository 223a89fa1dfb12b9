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
        int, typer.Option(min=0, max=65535, help="Port of OTLP/HTTP; 0 takes any free one.")
    ] = 4318,
    grpc_port: Annotated[
        str,
        typer.Option(
            envvar="COMPOSITE_LLM_GRPC_PORT", help="Port of OTLP/gRPC; 0 takes any free one, or: off."
        ),
    ] = "4317",
    host: Annotated[
        str,
        typer.Option(
            envvar="COMPOSITE_LLM_HOST",
            help="Address to listen at. Beyond this machine only with a token, which is COMPOSITE_LLM_TOKEN.",
        ),
    ] = "127.0.0.1",
    insecure_no_token: Annotated[
        bool,
        typer.Option("--insecure-no-token", help="Let every machine that reaches --host write and read."),
    ] = False,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(
            envvar="COMPOSITE_LLM_ALLOW_HOST",
            help="A host name by which this collector may be called without a token, such as traces.internal or "
            "*.internal. Repeatable.",
        ),
    ] = None,
    allow_origin: Annotated[
        list[str] | None,
        typer.Option(
            envvar="COMPOSITE_LLM_ALLOW_ORIGIN",
            help="A web page's origin that may send and ask, such as https://app.example.com. Repeatable.",
        ),
    ] = None,
    max_body: Annotated[
        int,
        typer.Option(envvar="COMPOSITE_LLM_MAX_BODY", min=1, help="Largest request, decompressed, in MiB."),
    ] = 64,
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
    content: Annotated[
        str,
        typer.Option(
            envvar="COMPOSITE_LLM_CONTENT",
            help="What is kept of prompts and answers, whoever sends them: full, redacted or none.",
        ),
    ] = "",
    redact: Annotated[
        Path | None,
        typer.Option(
            envvar="COMPOSITE_LLM_REDACT",
            help="File of own patterns to redact, one regular expression a line, # before comments.",
        ),
    ] = None,
    exit_with_parent: Annotated[
        bool, typer.Option("--exit-with-parent", help="Stop when standard input ends.")
    ] = False,
) -> None:
    """Receive spans (OTLP over HTTP and gRPC) and answer questions about them.

    Example: composite-llm collect --data data --port 4318
    """
    from collector.lean_process import leave_out_unused

    leave_out_unused()
    from collector.content.log import LINE, log_through
    from collector.content.policy import policy_of
    from collector.errors import CollectorError
    from collector.memory_limit import limit_memory
    from collector.receivers import access
    from collector.receivers.doors import Doors, authority, listening_socket
    from collector.retention.limits import Limits
    from collector.server import Collector, serve
    from composite_llm import settings

    logging.basicConfig(level=logging.WARNING, format=LINE)
    # The server's own handlers take over while it runs; these end the program before and after, quietly.
    signal.signal(signal.SIGTERM, _exit)
    signal.signal(signal.SIGINT, _exit)
    try:
        limits = Limits.of(keep, max_size)
        policy = policy_of(content, redact)
        log_through(policy)
        # The token, at home in .env beside the other secrets.
        settings.read_dotenv()
        found = settings.load()
        wanted = access.Access(found.token, tuple(allow_host or ()), tuple(allow_origin or ()))
        doors = Doors(
            access=access.checked(wanted, host=host, open_to_all=insecure_no_token),
            body_limit=max_body * 1024 * 1024,
            grpc_port=_grpc_port(grpc_port),
        )
        limit_memory(doors.body_limit)
        listener = listening_socket(port, host)
        collector = Collector(data, limits=limits, policy=policy, store=store or found.store)
    except CollectorError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error

    def announce() -> None:
        http = f"http://{authority(listener)}"
        typer.echo(f"Collecting at {http} (gRPC: {collector.grpc}) into {collector.store.location}")
        sys.stdout.flush()

    stop = _end_of_input() if exit_with_parent else None
    serve(collector, listener, doors=doors, announce=announce, stop=stop)


def _grpc_port(value: str) -> int | None:
    if value.lower() == "off":
        return None
    if not (value.isascii() and value.isdigit() and int(value) <= 65535):
        raise typer.BadParameter(f"{value!r} is neither a port nor off", param_hint="--grpc-port")
    return int(value)


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
