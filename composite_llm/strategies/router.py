"""Router: which strategy a request is worth, decided before it is run.

LiteLLM routes between models; this one routes between strategies: a plain call, several models, a recursive one for
long texts. RouteLLM (Ong et al. 2024, arXiv 2406.18665) learns when a strong model is needed; here rules say so, and
where none holds a small model that classifies the request.

1. The first rule that holds names the route: by tools, length, number of messages, words, a pattern.
2. Else the classifier reads the last turns and names one. Without a classifier, or where it fails, it is the default.
3. The route's model or composite answers inside this request: one trace, budget and deadline. Where it fails before
   anything was said, the default answers.

While the client runs tools for a question, the rules read that question and the classifier's word is kept.

Cost: that of the route, and q' + s in, r out for the classifier (q' the last turns, s the routes' descriptions, r its
word, in tokens); nothing where a rule decides.
"""

from composite_llm import conventions as c
from composite_llm.engine.run import Call, Reply, Run
from composite_llm.errors import BudgetExceeded, CallFailed
from composite_llm.request.prompts import Prompt
from composite_llm.strategies.parts.placing import CLASSIFY, Placed, placed
from composite_llm.strategies.parts.routes import Parameters
from composite_llm.strategies.registry import strategy

__all__ = ["Parameters", "router"]

STAGES: tuple[Prompt, ...] = (CLASSIFY,)


@strategy("router", Parameters, STAGES)
async def router(run: Run, parameters: Parameters) -> Reply:
    async with run.stage("route", "router.choose") as stage:
        chosen = await placed(run, parameters, stage)
        stage.note(c.ROUTER_ROUTE, chosen.route)
        stage.note(c.ROUTER_CHOSEN_BY, chosen.by)
        stage.note(c.ROUTER_REASON, chosen.reason)
        if chosen.rule is not None:
            stage.note(c.ROUTER_RULE, chosen.rule)
    run.notice = ""  # of a classifier that failed: no answer is built on it
    try:
        return await answered(run, parameters, chosen)
    except (CallFailed, BudgetExceeded) as error:
        begun = run.sink is not None and run.sink.spoke_at is not None
        if chosen.route == parameters.default or run.budget.stops or begun:
            raise
        run.degraded.append(f"route {chosen.route}: {error}; the default route was taken")
    return await answered(run, parameters, Placed(parameters.default, "default", "route_failed"))


async def answered(run: Run, parameters: Parameters, chosen: Placed) -> Reply:
    """Inside this request, with the client's own parameters, and as the client's stream."""
    destination = parameters.destination(chosen.route, run.model)
    async with run.stage("direct", f"router.{chosen.route}") as stage:
        return await stage.final(Call(destination.model, run.messages, "route", 0, destination.with_its_own))
