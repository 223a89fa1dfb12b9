"""One plain call: the baseline every composite has to beat.

Cost: 1 call, q tokens in, o out (q the conversation, o the answer).
"""

from composite_llm.engine.run import Call, Reply, Run
from composite_llm.request.prompts import Prompt
from composite_llm.strategies.parameters import StrategyParameters
from composite_llm.strategies.parts.conversation import instructed
from composite_llm.strategies.registry import strategy

ANSWER = Prompt("answer", "")


class Parameters(StrategyParameters):
    def models(self, base_model: str) -> list[str]:
        return [base_model]


@strategy("direct", Parameters, [ANSWER])
async def direct(run: Run, parameters: Parameters) -> Reply:
    async with run.stage("direct", "direct") as stage:
        return await stage.final(Call(run.model, instructed(run.messages, run.told(ANSWER)), role="direct"))
