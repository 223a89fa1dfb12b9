"""Cursor's agent CLI as a model (https://cursor.com/docs/cli/headless): `direct`, asking `composer-cli/<model>`.

The same name may stand wherever a model can: among the members of a panel, as a step of a graph, as a fallback.
`composite_llm/agent_cli` runs the program: in `ask` mode, in an empty folder, once for each attempt.

Cost: 1 call, q tokens in and what the agent adds, which is more than ten thousand; o out.
"""

from composite_llm.agent_cli.finding import PROVIDER
from composite_llm.engine.run import Reply, Run
from composite_llm.strategies import direct
from composite_llm.strategies.registry import strategy


class Parameters(direct.Parameters):
    pass


@strategy(PROVIDER, Parameters, [direct.ANSWER], names_provider=True)
async def composer_cli(run: Run, parameters: Parameters) -> Reply:
    return await direct.direct(run, parameters)
