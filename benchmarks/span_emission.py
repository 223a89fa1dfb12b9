"""What recording takes from a program for each model call: everything a call's span learns, with the exporter that
is in use and a collector behind it.

The attempt's own sequence (`composite_llm/engine/attempt.py`) without the call between: a span with a prompt of 2,000
characters and an answer of 1,000. The processor's thread encodes and sends meanwhile, and its share is counted in
the second figure.
"""

import os
import time
from statistics import median

from benchmarks.collector_process import collector_process
from benchmarks.figures import Figure
from composite_llm import settings, telemetry
from composite_llm.accounting.ledger import Cost, Usage
from composite_llm.accounting.prices import price_version
from composite_llm.engine.over_litellm import litellm
from composite_llm.engine.transport import choices_of
from composite_llm.request.route import Route
from composite_llm.telemetry import Identity, Span

CALLS = 3000
BATCH = 100
WAY = Route("openai/gpt-4o", "gpt-4o", "openai", "openai/gpt-4o", None)
MESSAGES = [{"role": "system", "content": "Answer well."}, {"role": "user", "content": "word " * 400}]
USAGE = Usage(2000, 500, 0, 0, 100)
COST = Cost(0.01, 0.005, 0.005)
ANSWER = [{"finish_reason": "stop", "message": {"role": "assistant", "content": "word " * 200}}]
RESPONSE = litellm.ModelResponse(id="chatcmpl-1", model="gpt-4o", choices=ANSWER)
CHOICES = choices_of(RESPONSE)


def measure() -> list[Figure]:
    from collector.sending.exporter import ProgramTracerProvider

    price_version()  # read once in a program's life
    with collector_process() as found:
        os.environ |= {"COMPOSITE_LLM_DATA": str(found.data), "COMPOSITE_LLM_COLLECTOR": found.collector}
        assert settings.load().collector == found.collector
        provider = ProgramTracerProvider()
        telemetry.use_tracer_provider(provider)
        _emit(BATCH)
        provider.force_flush()
        cpu = time.process_time()
        walls, own = _timed()
        provider.force_flush()
        cpu = time.process_time() - cpu
        provider.shutdown()
    return [
        Figure(
            "recording a model call, in the thread that makes it",
            f"{median(own) * 1e6:.0f} µs of its time ({median(walls) * 1e6:.0f} µs by the clock)",
            "≤ 150 µs",
        ),
        Figure(
            "the same with encoding and sending, all threads", f"{cpu / CALLS * 1e6:.0f} µs of processor time"
        ),
    ]


def _timed() -> tuple[list[float], list[float]]:
    """Seconds a call, one figure for each batch: by the clock, and of this thread's processor time."""
    walls: list[float] = []
    own: list[float] = []
    for _ in range(CALLS // BATCH):
        wall, cpu = time.perf_counter(), time.thread_time()
        _emit(BATCH)
        walls.append((time.perf_counter() - wall) / BATCH)
        own.append((time.thread_time() - cpu) / BATCH)
    return walls, own


def _emit(calls: int) -> None:
    identity = Identity("0" * 32, "moa")
    request = telemetry.request_span(
        identity, "composite/moa/openai/gpt-4o", "", telemetry.parent_of_request({}, {})
    )
    stage = telemetry.stage_span(identity, request, kind="propose", name="moa.layer1", index=0)
    for index in range(calls):
        _record_call(identity, stage, index)
    stage.end()
    request.end()


def _record_call(identity: Identity, stage: Span, index: int) -> None:
    span = telemetry.call_span(
        identity,
        stage,
        WAY,
        call_id=f"{index:032x}",
        role="proposer",
        index=index,
        attempt=1,
        hedge=False,
        reads=[],
    )
    telemetry.write_request_parameters(span, {"temperature": 0.7, "seed": index})
    telemetry.write_input(span, MESSAGES, as_call=True)
    with telemetry.current(span):
        pass
    telemetry.write_response(span, RESPONSE, WAY)
    telemetry.write_output(span, CHOICES, as_call=True)
    telemetry.write_outcome(span, "ok")
    telemetry.write_usage(span, USAGE, refused=False)
    telemetry.write_cost(span, COST)
    span.end()
