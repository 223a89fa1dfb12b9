"""What can go wrong in the simulator.

SimulatorError             the simulator cannot start as asked; the message is one sentence for a person
├── PortUnavailable
├── OptionError            a fault or alias that makes no sense
└── ReplayFileError
RequestRefused             one request gets an error answer in OpenAI's shape
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

NO_HEADERS: Mapping[str, str] = MappingProxyType({})


class SimulatorError(Exception):
    pass


class PortUnavailable(SimulatorError):
    def __init__(self, port: int, reason: str) -> None:
        super().__init__(f"Port {port} on 127.0.0.1 cannot be opened ({reason}); choose another port.")
        self.port = port


class OptionError(SimulatorError):
    pass


class ReplayFileError(SimulatorError):
    def __init__(self, place: str, reason: str) -> None:
        super().__init__(f"{place}: {reason}")


class RequestRefused(Exception):
    def __init__(
        self,
        status: int,
        message: str,
        *,
        type: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        headers: Mapping[str, str] = NO_HEADERS,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.kind = code or "bad_request"
        """One word for the record."""
        self.headers = headers
        self.body: dict[str, Any] = {
            "error": {"message": message, "type": type, "param": param, "code": code}
        }
