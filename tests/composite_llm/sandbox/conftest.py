"""The back ends there are here, and what no code may find: a key, a file, an open port."""

import socket

import pytest

from composite_llm.sandbox import Limits
from composite_llm.sandbox.locked import unsupported
from tests.composite_llm.sandbox.cells import SECRET

PATIENT = Limits(cell_s=60, host_calls=50)
"""No cell that comes to an end ends for want of time, however busy the machine."""

LOCKS = unsupported()
NEEDS_LOCKS = pytest.mark.skipif(LOCKS is not None, reason=f"no locked process here: {LOCKS}")
BACKENDS = [
    "monty",
    pytest.param("locked", marks=NEEDS_LOCKS),
    pytest.param("auto", marks=NEEDS_LOCKS),
]


@pytest.fixture(scope="module", autouse=True)
def _key():
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("COMPOSITE_CANARY_KEY", SECRET)
        yield


@pytest.fixture(scope="module")
def secret_file(tmp_path_factory):
    file = tmp_path_factory.mktemp("secret") / "key"
    file.write_text(SECRET)
    return file


@pytest.fixture(scope="module")
def listener():
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server
