"""Asks a collector, over HTTP. Safe to share between threads."""

import json
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from typing import Any, Self
from urllib.parse import quote

import httpx
import pyarrow as pa

from collector import arrow_stream, interruptible
from collector.errors import (
    CollectorError,
    CollectorFailed,
    CollectorUnavailable,
    NotACollector,
    OtherVersion,
    QuestionError,
    TokenNeeded,
    Unwanted,
)
from collector.http_client import http_client, speaks_no_http
from collector.monitoring.health import SERVICE, Health
from collector.monitoring.live_events import LiveEvent, live_events
from collector.monitoring.status import Status
from collector.retention.limits import Pruned
from collector.store.sql_answer import CUT_HEADER, SqlAnswer
from composite_llm import settings

SECONDS_TO_CONNECT = 2.0
SECONDS_TO_ANSWER = 40.0
SECONDS_TO_PRUNE = 3600.0
"""Longer than a question may take in the collector, so that it is the collector that gives up."""
SECONDS_BEYOND = SECONDS_TO_ANSWER - 30.0

HUNG_UP = ("Server disconnected", "peer closed connection")
"""How httpcore and h11 begin to say that the other side closed the connection, before its answer or within it."""
ENDED = ("complete", "enough")


@dataclass(frozen=True, slots=True)
class SearchStep:
    """What one stretch of time added to a search, as `GET /search` tells it."""

    matches: list[dict[str, Any]]
    """Each with the run (`trace`, as in `/traces`), span_id, span_name, said_at and excerpt."""
    searched_since: str
    share: float
    """Of the spans to be searched, 1.0 in the end."""
    state: str
    """searching; in the end complete, or enough where the limit was reached."""


class CollectorClient:
    def __init__(self, url: str, token: str | None = None) -> None:
        """Sends the token of the settings in force, unless another is given."""
        self.url = url.rstrip("/")
        timeout = httpx.Timeout(SECONDS_TO_ANSWER, connect=SECONDS_TO_CONNECT)
        self._http = http_client(self.url, timeout, token=settings.load().token if token is None else token)

    def close(self) -> None:
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def ask(self, name: str, **parameters: object) -> pa.Table:
        """The answer to a question of `collector.queries`, by its name and its parameters' fields."""
        return self._table(self._sent("POST", f"/questions/{name}", json=parameters))

    def question_text(self, name: str, parameters: Mapping[str, object]) -> dict[str, str]:
        """The SQL behind a question, its parameters as literals, under `sql`; under `note` what is done with its
        rows before they are the answer, empty where nothing is."""
        answer = self._sent("POST", f"/questions/{quote(name, safe='')}/sql", json=dict(parameters))
        if not answer.is_success:
            raise self._error_of(answer)
        return self._json(answer)

    def sql(
        self,
        text: str,
        parameters: Mapping[str, object] | Sequence[object] | None = None,
        *,
        row_limit: int = 10_000,
        seconds: float = 30.0,
        wanted: Callable[[], bool] | None = None,
    ) -> SqlAnswer:
        """The first rows that one SQL statement gives, and whether there were more.

        Raises Unwanted as soon as `wanted`, which is asked all the time from this thread, says no; the statement then
        ends in the collector, too.
        """
        asked: dict[str, object] = {
            "sql": text,
            "row_limit": row_limit,
            "seconds": seconds,
            "format": "arrow",
        }
        if parameters:
            asked["parameters"] = parameters
        timeout = httpx.Timeout(seconds + SECONDS_BEYOND, connect=SECONDS_TO_CONNECT)
        if wanted is None:
            answer = self._sent("POST", "/query", json=asked, timeout=timeout)
        else:
            answer = self._sent_while(wanted, "/query", json=asked, timeout=timeout)
        return SqlAnswer(self._table(answer), is_cut=answer.headers.get(CUT_HEADER) == "true")

    def get(self, path: str, **parameters: Any) -> dict[str, Any]:
        """The JSON at a path of the API, such as `/traces`; a list repeats its parameter."""
        given = {name: value for name, value in parameters.items() if value is not None}
        answer = self._sent("GET", path, params=given)
        if not answer.is_success:
            raise self._error_of(answer)
        return self._json(answer)

    def otlp(self, trace_id: str) -> bytes:
        """One trace whole, as OTLP/JSON."""
        answer = self._sent("GET", f"/traces/{quote(trace_id, safe='')}/otlp")
        if not answer.is_success:
            raise self._error_of(answer)
        return answer.content

    def follow(
        self, *, strategy: str | Sequence[str] = (), trace_id: str = "", last_event_id: str = ""
    ) -> Generator[LiveEvent]:
        """What happens from now on, or from an earlier event on, until the collector ends or the caller
        closes the generator."""
        wanted = {"strategy": strategy, "trace_id": trace_id}
        headers = {"Last-Event-ID": last_event_id} if last_event_id else {}
        given = {name: value for name, value in wanted.items() if value}
        with self._streamed("/live", given, headers) as lines:
            yield from live_events(lines)

    def search(self, text: str, **wanted: Any) -> Generator[SearchStep]:
        """Where runs say the text, in any case, the newest first: one step a stretch of time, until all is searched
        or the caller closes the generator, which ends the search in the collector, too.

        `wanted`: since and until (ISO 8601 or nanoseconds), last_hours, strategy (a list), origin, limit.
        """
        given = {name: value for name, value in wanted.items() if value is not None}
        state = ""
        with self._streamed("/search", {"text": text, **given}, {}) as lines:
            for line in lines:
                said = json.loads(line)
                if "code" in said:
                    raise CollectorFailed(f"the collector at {self.url} says: {said['message']}")
                state = said["state"]
                yield SearchStep(said["matches"], said["searched_since"], said["share"], state)
        if state not in ENDED:
            raise CollectorUnavailable(self.url, "the search was cut off")

    def prune(self, *, keep_days: float | None = None, max_bytes: int | None = None, dry_run: bool) -> Pruned:
        """Take away the traces that ended more than `keep_days` ago, and the earliest ones until the store is
        smaller than `max_bytes`; with neither, keep to the limits the collector was started with.

        A `Pruned`: traces, spans and bytes that went (would go, of a dry run), the same for each day in
        `days`, store_bytes_before and store_bytes_after, oldest_kept_ns, compacted, and in `note` why space
        was not given back where it could have been. May take minutes on a large store.
        """
        limits = {"keep_days": keep_days, "max_bytes": max_bytes}
        timeout = httpx.Timeout(SECONDS_TO_PRUNE, connect=SECONDS_TO_CONNECT)
        answer = self._sent("POST", "/prune", json={**limits, "dry_run": dry_run}, timeout=timeout)
        if not answer.is_success:
            raise self._error_of(answer)
        return Pruned.from_json(self._json(answer))

    def health(self) -> Health:
        answer = self._sent("GET", "/healthz", timeout=SECONDS_TO_CONNECT)
        if not answer.is_success:
            raise self._error_of(answer)
        said = self._json(answer)
        if said.get("service") == SERVICE and "token" in said:
            raise TokenNeeded(self.url)
        known = {field.name for field in fields(Health)}
        if said.get("service") != SERVICE:
            raise NotACollector(self.url)
        if missing := known - said.keys():
            raise OtherVersion(self.url, str(said.get("version", "unknown")), sorted(missing))
        return Health(**{name: said[name] for name in known})

    def status(self) -> Status | None:
        """How the collector is doing; None where it is of a version that does not tell that."""
        answer = self._sent("GET", "/status")
        if answer.status_code == 404:
            return None
        if not answer.is_success:
            raise self._error_of(answer)
        try:
            return Status.from_json(self._json(answer))
        except (KeyError, TypeError):
            return None

    @contextmanager
    def _streamed(
        self, path: str, parameters: dict[str, Any], headers: dict[str, str]
    ) -> Generator[Iterator[str]]:
        """The lines of an answer as they come. Leaving hangs up."""
        timeout = httpx.Timeout(SECONDS_TO_ANSWER, connect=SECONDS_TO_CONNECT)
        try:
            with self._http.stream(
                "GET", f"{self.url}{path}", params=parameters, headers=headers, timeout=timeout
            ) as answer:
                if not answer.is_success:
                    answer.read()
                    raise self._error_of(answer)
                yield answer.iter_lines()
        except httpx.HTTPError as error:
            raise self._without_answer(error) from error

    def _sent(self, method: str, path: str, **options: Any) -> httpx.Response:
        try:
            return self._http.request(method, f"{self.url}{path}", **options)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise self._without_answer(error) from error

    def _sent_while(self, wanted: Callable[[], bool], path: str, **options: Any) -> httpx.Response:
        try:
            answer = interruptible.posted(
                f"{self.url}{path}",
                wanted,
                headers=self._http.headers,
                trust_env=self._http.trust_env,
                **options,
            )
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise self._without_answer(error) from error
        if answer is None:
            raise Unwanted
        return answer

    def _without_answer(self, error: httpx.HTTPError | httpx.InvalidURL) -> CollectorError:
        """httpx has one class for a server that speaks another protocol and one that hangs up, as a collector does
        that ends; it calls both lost connections where the other one hangs up, too."""
        reason = str(error) or type(error).__name__
        if isinstance(error, httpx.RemoteProtocolError) and (
            not reason.startswith(HUNG_UP) or speaks_no_http(self.url, SECONDS_TO_CONNECT)
        ):
            return NotACollector(self.url)
        return CollectorUnavailable(self.url, reason)

    def _table(self, answer: httpx.Response) -> pa.Table:
        if not answer.is_success:
            raise self._error_of(answer)
        try:
            return arrow_stream.decoded(answer.content)
        except pa.ArrowInvalid as error:
            raise NotACollector(self.url) from error

    def _error_of(self, answer: httpx.Response) -> CollectorError:
        """The collector's errors are google.rpc.Status bodies; anybody else's are not."""
        if answer.status_code == 401:
            return TokenNeeded(self.url)
        status = _status_in(answer)
        if status and answer.is_server_error:
            return CollectorFailed(f"the collector at {self.url} says: {status['message']}")
        if answer.is_server_error:
            return CollectorUnavailable(self.url, answer.text[:300])
        return QuestionError(str(status["message"])) if status else NotACollector(self.url)

    def _json(self, answer: httpx.Response) -> dict[str, Any]:
        try:
            said = answer.json()
        except ValueError as error:
            raise NotACollector(self.url) from error
        return said if isinstance(said, dict) else {}


def _status_in(answer: httpx.Response) -> dict[str, Any] | None:
    """The google.rpc.Status that is the body, if it is one."""
    try:
        said = answer.json()
    except ValueError:
        return None
    return said if isinstance(said, dict) and {"message", "code"} <= said.keys() else None
