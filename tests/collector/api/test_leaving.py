"""What an asker leaves behind: nothing, since nobody waits for the answer any more."""

import re
import socket

import pytest

from collector.store import statements
from tests.collector.running import wait_until

ENDLESS = "select count(*) from range(10_000_000) a, range(10_000_000) b where a.range + b.range = 7"
EVER = b'{"since_ns": 0, "until_ns": 1}'
POSTED = b"POST /questions/totals HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s" % (
    len(EVER),
    EVER,
)


def got(path):
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()


@pytest.fixture
def endless(monkeypatch):
    """Every question takes hours."""
    query = statements.query

    def never_answered(name, *folder):
        named = ", ".join(
            sorted({f"${given}::varchar" for given in re.findall(r"\$(\w+)", query(name, *folder))})
        )
        return f"{ENDLESS} and concat(a.range::varchar, {named}) <> ''"

    monkeypatch.setattr(statements, "query", never_answered)


@pytest.mark.parametrize(
    "request_",
    [POSTED, got("/traces"), got(f"/traces/{7:032x}"), got("/metrics/summary"), got("/modes")],
    ids=["questions", "traces", "trace", "summary", "modes"],
)
def test_a_question_ends_when_its_asker_leaves(collector, endless, request_):
    host, port = collector.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as asker:
        asker.sendall(request_)
        wait_until(lambda: collector.statements == 1, 10)

    wait_until(lambda: collector.statements == 0)


def test_an_asker_that_says_more_will_come_and_sends_nothing_leaves_nothing_either(collector, endless):
    """The body that was announced is not waited for: the answer does not depend on it."""
    host, port = collector.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as asker:
        asker.sendall(b"GET /modes HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n")
        wait_until(lambda: collector.statements == 1, 10)

    wait_until(lambda: collector.statements == 0)
