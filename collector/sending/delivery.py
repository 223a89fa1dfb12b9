"""Takes encoded spans to the collector, and says whether it has them for good."""

import logging
import os
import time
from typing import TYPE_CHECKING

from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

if TYPE_CHECKING:
    import httpx

log = logging.getLogger(__name__)

PROTOBUF = "application/x-protobuf"
SECONDS_TO_CONNECT = 1.0
SECONDS_TO_ANSWER = 3.0
SECONDS_OF_REST = 5.0
"""After a failure: how long nothing is sent, so that a collector that hangs costs one wait, not one a batch."""


class Delivery:
    def __init__(self, url: str, token: str = "") -> None:
        self.url = f"{url}/v1/traces"
        self._token = token
        self._client: httpx.Client | None = None
        self._client_pid = 0
        self._failing = False
        self._rest_until = 0.0

    def deliver(self, body: bytes) -> bool:
        """Send a gzipped request. True only if a collector answered that it keeps the spans."""
        if time.monotonic() < self._rest_until:
            return False
        failure = self._failure(body)
        # Once an outage, not once a batch.
        if failure and not self._failing:
            log.warning("spans go to the spool for now: %s %s", self.url, failure)
        if failure:
            self._rest_until = time.monotonic() + SECONDS_OF_REST
        self._failing = bool(failure)
        return not failure

    def close(self) -> None:
        if self._client:
            self._client.close()

    def _failure(self, body: bytes) -> str:
        """Why the collector does not have the spans; empty if it has."""
        import httpx

        try:
            answer = self._http().post(self.url, content=body)
        except httpx.HTTPError as error:
            return f"cannot be reached: {error or type(error).__name__}"
        if answer.status_code == 401:
            return "needs a token: set COMPOSITE_LLM_TOKEN to the one the collector has"
        if answer.status_code != 200:
            return f"answered {answer.status_code}"
        if not answer.headers.get("content-type", "").startswith(PROTOBUF):
            return "is not an OTLP receiver"
        try:
            partial = ExportTraceServiceResponse.FromString(answer.content).partial_success
        except DecodeError:
            return "is not an OTLP receiver"
        if partial.rejected_spans or partial.error_message:
            log.warning(
                "%s kept all but %d spans: %s", self.url, partial.rejected_spans, partial.error_message
            )
        return ""

    def _http(self) -> "httpx.Client":
        """Made on first use, as importing httpx takes a while; and anew after a fork, which shares sockets."""
        import httpx

        from collector.http_client import http_client

        if self._client is None or self._client_pid != os.getpid():
            self._client_pid = os.getpid()
            timeout = httpx.Timeout(SECONDS_TO_ANSWER, connect=SECONDS_TO_CONNECT)
            headers = {"content-type": PROTOBUF, "content-encoding": "gzip"}
            self._client = http_client(self.url, timeout, headers, token=self._token)
        return self._client
