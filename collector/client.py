"""Asks a collector, over HTTP. Safe to share between threads."""

from dataclasses import fields
from typing import Any, Self

import httpx
import pyarrow as pa

from collector.errors import CollectorError, CollectorUnavailable, NotACollector, QuestionError
from collector.health import SERVICE, Health
from collector.http_client import http_client

SECONDS_TO_CONNECT = 2.0
SECONDS_TO_ANSWER = 40.0
"""Longer than a question may take in the collector, so that it is the collector that gives up."""


class CollectorClient:
    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        timeout = httpx.Timeout(SECONDS_TO_ANSWER, connect=SECONDS_TO_CONNECT)
        self._http = http_client(self.url, timeout)

    def close(self) -> None:
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def ask(self, name: str, **parameters: object) -> pa.Table:
        """The answer to a question of `collector.queries`, by its name and its parameters' fields."""
        answer = self._sent("POST", f"/questions/{name}", json=parameters)
        if answer.is_success:
            try:
                with pa.ipc.open_stream(answer.content) as stream:
                    return stream.read_all()
            except pa.ArrowInvalid as error:
                raise NotACollector(self.url) from error
        raise self._error_of(answer)

    def health(self) -> Health:
        answer = self._sent("GET", "/healthz", timeout=SECONDS_TO_CONNECT)
        if not answer.is_success:
            raise self._error_of(answer)
        said = self._json(answer)
        known = {field.name for field in fields(Health)}
        if said.get("service") != SERVICE or not known <= said.keys():
            raise NotACollector(self.url)
        return Health(**{name: said[name] for name in known})

    def _sent(self, method: str, path: str, **options: Any) -> httpx.Response:
        try:
            return self._http.request(method, f"{self.url}{path}", **options)
        except httpx.RemoteProtocolError as error:
            raise NotACollector(self.url) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise CollectorUnavailable(self.url, str(error) or type(error).__name__) from error

    def _error_of(self, answer: httpx.Response) -> CollectorError:
        """The collector's errors are google.rpc.Status bodies; anybody else's are not."""
        if answer.is_server_error:
            return CollectorUnavailable(self.url, answer.text[:300])
        status = self._json(answer)
        if "message" not in status or "code" not in status:
            return NotACollector(self.url)
        return QuestionError(str(status["message"]))

    def _json(self, answer: httpx.Response) -> dict[str, Any]:
        try:
            said = answer.json()
        except ValueError as error:
            raise NotACollector(self.url) from error
        return said if isinstance(said, dict) else {}
