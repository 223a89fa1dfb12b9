"""One run of the program. What its agent asks its models in it nobody is told, and how much it adds to the question."""

from composite_llm.planning.formulas import direct
from composite_llm.planning.formulas.registry import formula
from composite_llm.planning.planned import Plan, Size
from composite_llm.strategies import composer_cli


@formula("composer-cli", "1", composer_cli.Parameters)
def plan(parameters: composer_cli.Parameters, base_model: str, size: Size, thoughts: int) -> Plan | None:
    return direct.plan(parameters, base_model, size, thoughts)
