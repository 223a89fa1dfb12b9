"""`GET /traces/{trace_id}/otlp`: the spans of a trace as they came, for any tool that reads OTLP."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Response

from collector.api.asking import AnswersOf
from collector.api.traces import summary_of
from collector.parameters import OneTrace
from collector.queries import trace_otlp
from collector.spans import otlp_export
from collector.store.interface import Answers


def router(answers: AnswersOf) -> APIRouter:
    routes = APIRouter(tags=["Traces"])

    @routes.get(
        "/traces/{trace_id}/otlp",
        summary="One trace as OTLP",
        response_class=Response,
        responses={200: {"content": {"application/json": {}, "application/x-protobuf": {}}}},
    )
    def otlp(
        trace_id: str,
        store: Annotated[Answers, Depends(answers)],
        encoding: Literal["json", "protobuf"] = "json",
    ) -> Response:
        """An OTLP `TracesData`, equal to what was sent, which can be sent to another receiver as it is."""
        trace = OneTrace(trace_id=trace_id)
        summary_of(store, trace)
        data = otlp_export.traces_data(trace_otlp(store, trace).to_pylist())
        if encoding == "protobuf":
            return Response(data.SerializeToString(), media_type="application/x-protobuf")
        return Response(otlp_export.to_json(data), media_type="application/json")

    return routes
