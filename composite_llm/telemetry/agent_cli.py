"""What a call's span learns of the program that was run for it."""

from opentelemetry.trace import Span

from composite_llm import conventions as c


def write_wait_for_place(span: Span, waited_s: float) -> None:
    span.set_attribute(c.AGENT_QUEUE_MS, round(waited_s * 1000))


def write_exit_code(span: Span, exit_code: int | None) -> None:
    """None where it had to be ended: then there is none."""
    if exit_code is not None:
        span.set_attribute(c.PROCESS_EXIT_CODE, exit_code)
