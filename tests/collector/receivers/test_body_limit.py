"""A body that unpacks to more than the limit never is in memory, whichever door it comes through."""

import gzip
from pathlib import Path

import grpc
import httpx
import pytest
from google.rpc.status_pb2 import Status

from collector.receivers.doors import Doors
from tests.collector.running import PROTOBUF, CollectorProcess, running_collector
from tests.otlp_traces import export_request, moa_trace, span

MIB = 1024 * 1024
BOMB = gzip.compress(bytes(64 * MIB)) * 16
"""A gigabyte in less than a megabyte and a half, and valid gzip."""
EXPORT = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"


def most_memory(pid: int) -> int:
    """In bytes, since the process began."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) * 1024
    raise AssertionError("no VmHWM")


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads the peak memory from /proc")
def test_a_bomb_of_a_gigabyte_takes_no_more_memory_than_a_body_may(tmp_path):
    assert len(BOMB) < 1.5 * MIB
    with (
        CollectorProcess(tmp_path, "--grpc-port", "0", "--max-body", "32") as process,
        process.client() as client,
    ):
        answer = httpx.post(
            f"{process.url}/v1/traces", content=BOMB, headers=PROTOBUF | {"content-encoding": "gzip"}
        )
        with (
            grpc.insecure_channel(client.health().grpc) as channel,
            pytest.raises(grpc.RpcError) as refused,
        ):
            channel.unary_unary(EXPORT)(BOMB)
        peak = most_memory(process.pid)

    assert (answer.status_code, Status.FromString(answer.content).code) == (413, 3)
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert f"larger than {32 * MIB} bytes" in refused.value.details()
    assert peak < 400 * MIB


def test_the_limit_can_be_set_and_holds_for_both_alike(tmp_path):
    large = export_request([span("large", attributes={"text": "x" * MIB})]).SerializeToString()
    small = [export_request(moa_trace(number)).SerializeToString() for number in (1, 2)]
    with (
        running_collector(tmp_path / "data", Doors(grpc_port=0, body_limit=MIB)) as collector,
        grpc.insecure_channel(collector.inside.grpc) as channel,
    ):
        export = channel.unary_unary(EXPORT)
        statuses = [collector.post(body).status_code for body in (large, small[0])]
        with pytest.raises(grpc.RpcError, match=f"larger than {MIB} bytes"):
            export(gzip.compress(large))
        export(gzip.compress(small[1]))

        assert statuses == [413, 200]
        assert collector.inside.health().spans == 14
