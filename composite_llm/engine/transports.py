"""Which transport a call takes."""

from composite_llm.engine.over_litellm import OverLitellm
from composite_llm.engine.transport import Transport
from composite_llm.request.route import Route

_LITELLM = OverLitellm()


def transport_to(way: Route) -> Transport:
    return _LITELLM
