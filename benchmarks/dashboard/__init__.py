"""How fast the dashboard is, as its reader meets it: Chromium in front of a real server and collector."""

from benchmarks.figures import Figure


def measure() -> list[Figure]:
    # Playwright comes with the first of them; who measures something else does without.
    from benchmarks.dashboard import paint, trace_page

    return [*paint.measure(), *trace_page.measure()]
