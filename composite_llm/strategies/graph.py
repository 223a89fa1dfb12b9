"""A strategy written as steps, in YAML or in the call itself; docs/profiles.md says how.

Cost: the sum of its steps (`composite-llm modes show NAME`): 1 call for base_call, synthesize, think without
thoughts and mode's own; N for a fan-out of N and a score of N answers; one a voter; up to 2 a round of
reflect; a loop's steps up to max_rounds times; of an `if` one branch.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from composite_llm.engine.run import Reply, Run
from composite_llm.errors import BadRequest
from composite_llm.graph.checks import complaints
from composite_llm.graph.overrides import overridable, with_overrides
from composite_llm.graph.performing import perform
from composite_llm.graph.running import run_steps
from composite_llm.graph.steps import AnyStep, StepName
from composite_llm.graph.tool_step import tools_of
from composite_llm.graph.used_models import composites_of, final_last, models_of, thinks_last
from composite_llm.request.prompts import Prompt
from composite_llm.strategies.parameters import StrategyParameters
from composite_llm.strategies.registry import strategy
from composite_llm.tools.registry import internal_tools


class Parameters(StrategyParameters):
    only_in_profiles = ("steps",)

    steps: dict[StepName, AnyStep]
    final: StepName
    """The step whose answer is the client's."""

    def models(self, base_model: str) -> list[str]:
        return final_last(models_of(self.steps, base_model), self.steps[self.final], base_model)

    def composites(self, base_model: str) -> Sequence[tuple[str, Mapping[str, Any]]]:
        return composites_of(self.steps, base_model)

    def complaints(self) -> Sequence[tuple[tuple[str | int, ...], str]]:
        return complaints(self.steps, self.final)

    def own_prompts(self) -> Sequence[Prompt]:
        return overridable(self.steps)


@strategy("graph", Parameters)
async def graph(run: Run, parameters: Parameters) -> Reply:
    if (run.client_parameters.get("n") or 1) > 1 and thinks_last(parameters.steps, parameters.final):
        raise BadRequest(
            "graph: n>1 cannot be had where the last step thinks, or each answer would need thoughts."
        )
    internal_tools(
        list(tools_of(parameters.steps))
    )  # a tool nobody registered stops it before the first call
    steps = with_overrides(parameters.steps, run.options.prompts)
    return await run_steps(run, steps, parameters.final, perform)
