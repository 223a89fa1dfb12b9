"""`POST /questions/{name}`: parameters as a JSON object in, an Arrow stream out; ended when the asker leaves."""

import json
import time

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from collector import arrow_stream
from collector.api.asking import Asking
from collector.errors import BodyTooLarge, QuestionError, StoreError, UnknownQuestion
from collector.monitoring.figures import Figures
from collector.parameters import from_json
from collector.queries import QUESTIONS
from collector.receivers import wire
from collector.receivers.inflate import read_body
from collector.store.interface import Answers, CancellableAnswers, TraceStore

PARAMETERS_LIMIT = 1024 * 1024


class QuestionsApi:
    def __init__(self, store: TraceStore, figures: Figures, asking: Asking) -> None:
        self._store = store
        self._figures = figures
        self._asking = asking

    async def answer(self, request: Request) -> Response:
        try:
            body = await read_body(request.stream(), compressed=False, limit=PARAMETERS_LIMIT)
            async with self._asking.one_more(request) as cancellation:
                answers = CancellableAnswers(self._store, cancellation)
                stream = await run_in_threadpool(self._timed, answers, request.path_params["name"], body)
        except UnknownQuestion as error:
            return wire.JSON.error(404, wire.NOT_FOUND, str(error))
        except BodyTooLarge as error:
            return wire.JSON.error(413, wire.INVALID_ARGUMENT, str(error))
        except QuestionError as error:
            return wire.JSON.error(400, wire.INVALID_ARGUMENT, str(error))
        except StoreError as error:
            return wire.JSON.error(503, wire.UNAVAILABLE, str(error))
        return Response(stream, media_type=arrow_stream.MEDIA_TYPE)

    def _timed(self, answers: Answers, name: str, body: bytes) -> bytes:
        started = time.perf_counter()
        try:
            return answer(answers, name, body)
        finally:
            if name in QUESTIONS:
                self._figures.asked(name, time.perf_counter() - started)


def answer(store: Answers, name: str, body: bytes) -> bytes:
    question = QUESTIONS.get(name)
    if question is None:
        raise UnknownQuestion(name)
    try:
        parameters = json.loads(body or b"{}")
    except (ValueError, RecursionError) as error:
        raise QuestionError(f"the parameters are not JSON: {error}") from error
    return arrow_stream.encoded(question.answer(store, from_json(question.parameters, parameters)))
