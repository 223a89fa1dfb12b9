"""Every error of the API in one shape, google.rpc.Status as JSON: a code, and a message that says what to do."""

import logging
from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from collector.errors import (
    CollectorError,
    NotFound,
    PruneRunning,
    QuestionError,
    StoreError,
    TooManyFollowers,
    TooManyQueries,
    TooManySearches,
    UnknownQuestion,
)
from collector.receivers import wire

log = logging.getLogger(__name__)

UNIMPLEMENTED = 12
INTERNAL = 13

RETRY_SOON = {"Retry-After": "1"}

ANSWERS: dict[type[CollectorError], tuple[int, int, dict[str, str]]] = {
    NotFound: (404, wire.NOT_FOUND, {}),
    UnknownQuestion: (404, wire.NOT_FOUND, {}),
    PruneRunning: (409, wire.ABORTED, {}),
    TooManySearches: (429, wire.RESOURCE_EXHAUSTED, RETRY_SOON),
    TooManyQueries: (429, wire.RESOURCE_EXHAUSTED, RETRY_SOON),
    TooManyFollowers: (429, wire.RESOURCE_EXHAUSTED, RETRY_SOON),
    QuestionError: (400, wire.INVALID_ARGUMENT, {}),
    StoreError: (503, wire.UNAVAILABLE, RETRY_SOON),
    CollectorError: (400, wire.INVALID_ARGUMENT, {}),
}
"""HTTP status, code and headers; the first class that fits."""

CODES_OF_STATUS = {404: wire.NOT_FOUND, 405: UNIMPLEMENTED, 429: wire.RESOURCE_EXHAUSTED}


def install(app: FastAPI) -> None:
    app.add_exception_handler(CollectorError, _known)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unexpected)


def _known(_: Request, error: Exception) -> Response:
    for kind, (status, code, headers) in ANSWERS.items():
        if isinstance(error, kind):
            return wire.JSON.error(status, code, str(error), headers)
    raise error


def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    if request.method == "POST" and "json" not in request.headers.get("content-type", ""):
        message = "the body must be JSON: send the header 'content-type: application/json'"
        return wire.JSON.error(400, wire.INVALID_ARGUMENT, message)
    return wire.JSON.error(400, wire.INVALID_ARGUMENT, sentence(error.errors()))


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = CODES_OF_STATUS.get(error.status_code, wire.INVALID_ARGUMENT)
    message = str(error.detail)
    if error.status_code == 404:
        message = f"there is nothing at {request.url.path}; /openapi.json lists what there is"
    if error.status_code == 405:
        message = f"{request.method} is not offered at {request.url.path}; /openapi.json lists what is"
    return wire.JSON.error(error.status_code, code, message, dict(error.headers or {}))


def _unexpected(request: Request, error: Exception) -> Response:
    # The server logs the error itself; what it says may hold content, so it is not sent.
    return wire.JSON.error(
        500,
        INTERNAL,
        f"{type(error).__name__} while answering {request.url.path}; the collector's log says more",
    )


def sentence(errors: Sequence[Any]) -> str:
    """What was wrong where, in words; without the value, which may be long and is the sender's own."""
    return "; ".join(f"{_place(error['loc'])}: {_reason(error)}" for error in errors)


def _place(location: Sequence[object]) -> str:
    """The parameter's name; the first part says query, path or body."""
    return ".".join(str(part) for part in location[1:]) or str(location[0])


def _reason(error: Any) -> str:
    # That a choice may be empty is the same as leaving it out.
    message = str(error["msg"]).removeprefix("Value error, ").replace("should be '', ", "should be ")
    return "there is no such parameter" if error["type"] == "extra_forbidden" else message
