"""`POST /questions/{name}`: parameters as a JSON object in, an Arrow stream out; ended when the asker leaves.

`POST /questions/{name}/sql`: the same parameters in, the statement behind the answer out.
"""

import json
import time
from collections.abc import Callable
from dataclasses import asdict

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from collector import arrow_stream
from collector.api.asking import Asking
from collector.errors import BodyTooLarge, QuestionError, StoreError, UnknownQuestion
from collector.monitoring.figures import Figures
from collector.parameters import Parameters, from_json
from collector.queries import QUESTIONS, Question
from collector.question_text import question_text
from collector.receivers import wire
from collector.receivers.inflate import read_body
from collector.store.interface import Answers, CancellableAnswers, TraceStore

PARAMETERS_LIMIT = 1024 * 1024


class QuestionsApi:
    def __init__(self, store: TraceStore, figures: Figures, asking: Asking) -> None:
        self._store = store
        self._figures = figures
        self._asking = asking

    def routes(self) -> list[Route]:
        return [
            Route("/questions/{name}", self.answer, methods=["POST"]),
            Route("/questions/{name}/sql", self.text, methods=["POST"]),
        ]

    async def answer(self, request: Request) -> Response:
        return await self._answered(request, self._timed)

    async def text(self, request: Request) -> Response:
        return await self._answered(request, self._text)

    async def _answered(
        self, request: Request, answer: Callable[[Answers, str, bytes], Response]
    ) -> Response:
        try:
            body = await read_body(request.stream(), compressed=False, limit=PARAMETERS_LIMIT)
            async with self._asking.one_more(request) as cancellation:
                answers = CancellableAnswers(self._store, cancellation)
                return await run_in_threadpool(answer, answers, request.path_params["name"], body)
        except UnknownQuestion as error:
            return wire.JSON.error(404, wire.NOT_FOUND, str(error))
        except BodyTooLarge as error:
            return wire.JSON.error(413, wire.INVALID_ARGUMENT, str(error))
        except QuestionError as error:
            return wire.JSON.error(400, wire.INVALID_ARGUMENT, str(error))
        except StoreError as error:
            return wire.JSON.error(503, wire.UNAVAILABLE, str(error))

    def _timed(self, answers: Answers, name: str, body: bytes) -> Response:
        question, parameters = asked(name, body)
        started = time.perf_counter()
        try:
            table = question.answer(answers, parameters)
            return Response(arrow_stream.encoded(table), media_type=arrow_stream.MEDIA_TYPE)
        finally:
            self._figures.asked(name, time.perf_counter() - started)

    def _text(self, answers: Answers, name: str, body: bytes) -> Response:
        told = question_text(self._store, answers, name, *asked(name, body))
        return Response(json.dumps(asdict(told)), media_type="application/json")


def asked(name: str, body: bytes) -> tuple[Question, Parameters]:
    question = QUESTIONS.get(name)
    if question is None:
        raise UnknownQuestion(name)
    try:
        parameters = json.loads(body or b"{}")
    except (ValueError, RecursionError) as error:
        raise QuestionError(f"the parameters are not JSON: {error}") from error
    return question, from_json(question.parameters, parameters)
