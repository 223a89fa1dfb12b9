"""What spans tell of answers that were streamed: when the first words came, and what they waited for."""

from datetime import datetime
from typing import Literal

from opentelemetry.trace import Span

from composite_llm import conventions as c


def write_streamed(span: Span) -> None:
    """On a call: it was asked for its answer as a stream."""
    span.set_attribute(c.REQUEST_STREAM, True)


def write_first_chunk(span: Span, seconds: float, moment: datetime) -> None:
    """On a call: `seconds` after it began, the first chunk that says something came."""
    span.set_attributes(
        {c.CALL_TIME_TO_FIRST_CHUNK: seconds, c.LANGFUSE_COMPLETION_START: moment.isoformat()}
    )


def write_stream(
    span: Span, kind: Literal["live", "replayed"], *, first_chunk_s: float, final_call_s: float
) -> None:
    """On a request, in seconds since it began: when its first words could go out, and when the call that
    wrote them began. A replayed answer waited all the time."""
    waited = final_call_s if kind == "live" else first_chunk_s
    span.set_attributes(
        {
            c.STREAM_KIND: kind,
            c.TIME_TO_FIRST_CHUNK: first_chunk_s,
            c.TIME_TO_FINAL_CALL: waited,
            c.FINAL_CALL_TO_FIRST_CHUNK: first_chunk_s - waited,
        }
    )
