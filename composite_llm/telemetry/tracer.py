"""The tracer of this process.

Only OpenTelemetry's API is used. Where spans go is decided by a tracer provider that is
looked up by name among the installed ones, so this package does not depend on the one
that stores them.
"""

import logging
import threading
from importlib.metadata import PackageNotFoundError, entry_points, version

from opentelemetry import trace

from composite_llm import conventions as c

log = logging.getLogger(__name__)

_lock = threading.Lock()
_tracer: trace.Tracer | None = None
_provider: trace.TracerProvider | None = None


def use_tracer_provider(provider: trace.TracerProvider) -> None:
    """Send this process's spans to `provider` instead of the installed one."""
    global _tracer, _provider
    _tracer, _provider = _scoped(provider), provider


def tracer() -> trace.Tracer:
    if _tracer is None:
        with _lock:
            if _tracer is None:
                use_tracer_provider(_installed_provider())
    assert _tracer
    return _tracer


def flush() -> None:
    """Hand over the spans that have ended; where none was made there is nothing to do.

    The API knows no flushing, the SDK's providers do.
    """
    if force_flush := getattr(_provider, "force_flush", None):
        force_flush()


def _scoped(provider: trace.TracerProvider) -> trace.Tracer:
    return provider.get_tracer(c.SCOPE_NAME, _version(), attributes={c.CONTRACT: c.CONTRACT_VERSION})


def _version() -> str:
    try:
        return version("composite-llm")
    except PackageNotFoundError:  # run from a source tree, or while it is being installed anew
        return "unknown"


def _installed_provider() -> trace.TracerProvider:
    try:
        for found in entry_points(group="opentelemetry_tracer_provider", name="composite_llm"):
            return found.load()()
    # Whatever is wrong with an installed provider, it must not break the program it watches.
    except Exception:
        log.exception(
            "spans go to OpenTelemetry's global tracer provider, since the installed one cannot start"
        )
    return trace.get_tracer_provider()
