"""`POST /questions/{name}`: parameters as a JSON object in, an Arrow stream out."""

import json

import pyarrow as pa
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from collector import wire
from collector.errors import BodyTooLarge, QuestionError, StoreError, UnknownQuestion
from collector.inflate import read_body
from collector.parameters import from_json
from collector.queries import QUESTIONS
from collector.store.interface import TraceStore

ARROW_STREAM = "application/vnd.apache.arrow.stream"
PARAMETERS_LIMIT = 1024 * 1024


class QuestionsApi:
    def __init__(self, store: TraceStore) -> None:
        self._store = store

    async def answer(self, request: Request) -> Response:
        try:
            body = await read_body(request.stream(), gzipped=False, limit=PARAMETERS_LIMIT)
            stream = await run_in_threadpool(answer, self._store, request.path_params["name"], body)
        except UnknownQuestion as error:
            return wire.JSON.error(404, wire.NOT_FOUND, str(error))
        except BodyTooLarge as error:
            return wire.JSON.error(413, wire.INVALID_ARGUMENT, str(error))
        except QuestionError as error:
            return wire.JSON.error(400, wire.INVALID_ARGUMENT, str(error))
        except StoreError as error:
            return wire.JSON.error(503, wire.UNAVAILABLE, str(error))
        return Response(stream, media_type=ARROW_STREAM)


def answer(store: TraceStore, name: str, body: bytes) -> bytes:
    question = QUESTIONS.get(name)
    if question is None:
        raise UnknownQuestion(name)
    try:
        parameters = json.loads(body or b"{}")
    except (ValueError, RecursionError) as error:
        raise QuestionError(f"the parameters are not JSON: {error}") from error
    table = question.answer(store, from_json(question.parameters, parameters))
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return sink.getvalue().to_pybytes()
