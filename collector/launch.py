"""A collector for whoever needs one: the one that runs, or a child process that ends with this one."""

import atexit
import os
import re
import socket
import subprocess
import sys
import threading
import time
from urllib.parse import urlsplit

from collector.client import CollectorClient
from collector.errors import CollectorError, CollectorUnavailable
from collector.http_client import is_loopback
from collector.monitoring.health import Health
from collector.receivers.doors import HTTP_PORT, OFF
from composite_llm.settings import Settings

SECONDS_TO_START = 20.0
SECONDS_TO_STOP = 15.0
LOG_NAME = "collector.log"
LEAKED = re.compile(r"nanobind: | - (leaked|\.\.\.) ")
"""What DuckDB's binding has to say of itself when a process ends early; it would hide the reason."""

_children: list[subprocess.Popen[bytes]] = []
_starting = threading.Lock()


def ensure_collector(settings: Settings) -> Health:
    """What the collector at `settings.collector` says of itself, started here if none answers.

    Several programs may do this at once: the port goes to one of their children, the other children leave,
    and everybody finds the same collector.
    """
    with _starting, CollectorClient(settings.collector, settings.token) as client:
        try:
            return client.health()
        except CollectorUnavailable:
            # On another machine there is nothing to start from here.
            if not is_loopback(settings.collector):
                raise
        return _first_health(client, _start(settings), settings)


def stop_children() -> None:
    """End the collectors this process started, and wait until their stores are closed."""
    while _children:
        child = _children.pop()
        if child.stdin:
            child.stdin.close()
        try:
            child.wait(SECONDS_TO_STOP)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _start(settings: Settings) -> subprocess.Popen[bytes]:
    """The child lives while its standard input is open, that is, while this process lives."""
    settings.data.mkdir(parents=True, exist_ok=True)
    host, port = _address(settings.collector)
    command = [sys.executable, "-m", "cli.main", "collect", "--exit-with-parent", "--host", host]
    # Not on the command line, which other users of a machine may read.
    environment = {**os.environ, "COMPOSITE_LLM_TOKEN": settings.token}
    if port != HTTP_PORT:
        # A second collector, beside the usual one, leaves the usual gRPC port alone.
        environment.setdefault("COMPOSITE_LLM_GRPC_PORT", OFF)
    with (settings.data / LOG_NAME).open("wb") as log:
        child = subprocess.Popen(
            [*command, "--data", str(settings.data), "--port", str(port)],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            env=environment,
        )
    if not _children:
        atexit.register(stop_children)
    _children.append(child)
    return child


def _first_health(client: CollectorClient, child: subprocess.Popen[bytes], settings: Settings) -> Health:
    deadline = time.monotonic() + SECONDS_TO_START
    while True:
        gone = child.poll() is not None
        try:
            return client.health()
        except CollectorUnavailable as error:
            # A child that left because another one has the port is no failure: that one answers soon.
            if time.monotonic() > deadline or (gone and not _somebody_listens(settings.collector)):
                raise CollectorError(
                    f"the collector did not start. {_last_words(settings)}".strip()
                ) from error
        time.sleep(0.1)


def _address(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or 80


def _somebody_listens(url: str) -> bool:
    try:
        socket.create_connection(_address(url), timeout=1).close()
    except OSError:
        return False
    return True


def _last_words(settings: Settings) -> str:
    said = (settings.data / LOG_NAME).read_text(errors="replace").splitlines()
    return "\n".join(line for line in said if not LEAKED.match(line)).strip()[-2000:]
