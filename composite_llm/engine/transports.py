"""Which transport a call takes."""

from composite_llm.agent_cli.transport import AgentCli
from composite_llm.engine.over_litellm import OverLitellm
from composite_llm.engine.transport import Transport
from composite_llm.request.route import Route

_LITELLM, _AGENT_CLI = OverLitellm(), AgentCli()


def transport_to(way: Route) -> Transport:
    return _AGENT_CLI if way.program else _LITELLM
