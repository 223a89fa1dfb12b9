"""Where the collector listens, and on what terms."""

import errno
import os
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from collector.errors import CollectorError, PortInUse
from collector.receivers.access import Access
from collector.receivers.inflate import BODY_LIMIT
from collector.receivers.reception import Reception

LOOPBACK = "127.0.0.1"
MOST_WAITING = 256
HTTP_PORT = 4318
"""OpenTelemetry's own, as 4317 is for gRPC."""
OFF = "off"


@dataclass(frozen=True, slots=True)
class Doors:
    access: Access = field(default_factory=Access)
    body_limit: int = BODY_LIMIT
    """In bytes, after decompression."""
    grpc_port: int | None = None
    """None: no gRPC."""


def listening_socket(port: int, host: str = LOOPBACK) -> socket.socket:
    """Taken before the store is opened: who has the port is the collector. Port 0 takes any free one."""
    try:
        family, address = _resolved(host, port)
        # Named TCP, because asyncio turns Nagle off only for sockets that say so: an answer waits 40 ms otherwise.
        listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    except OSError as error:
        raise CollectorError(f"--host {host} cannot be listened on: {error.strerror}") from error
    try:
        if os.name != "nt":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(MOST_WAITING)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise PortInUse(port) from error
        raise CollectorError(f"port {port} of {host} cannot be listened on: {error.strerror}") from error
    return listener


def authority(listener: socket.socket, port: int | None = None) -> str:
    """Its address as a URL has it; or the one next to it, at another port."""
    host, own_port, *_ = listener.getsockname()
    bracketed = f"[{host}]" if ":" in host else host
    return f"{bracketed}:{own_port if port is None else port}"


@asynccontextmanager
async def grpc_door(reception: Reception, doors: Doors, listener: socket.socket) -> AsyncGenerator[str]:
    """OTLP/gRPC at the address of `listener`; says where, or why not, because HTTP goes on without it."""
    if doors.grpc_port is None:
        yield OFF
        return
    # Twelve megabytes that nobody needs who has it off.
    from collector.receivers.grpc_receiver import GrpcReceiver

    receiver = GrpcReceiver(reception, doors.access, doors.body_limit)
    try:
        # gRPC itself would only say that it failed, and write to the terminal about it.
        listening_socket(doors.grpc_port, listener.getsockname()[0]).close()
        port = await receiver.start(authority(listener, doors.grpc_port))
        where = authority(listener, port)
    except PortInUse:
        where = f"{OFF}, as port {doors.grpc_port} is in use"
    except (CollectorError, OSError) as error:
        where = f"{OFF}: {error}"
    try:
        yield where
    finally:
        await receiver.stop()


def _resolved(host: str, port: int) -> tuple[socket.AddressFamily, Any]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    # Where a name has both, programs look at 127.0.0.1 first.
    family, _, _, _, address = min(found, key=lambda each: each[0] != socket.AF_INET)
    return family, address
