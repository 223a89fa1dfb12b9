"""A call on its way: what stands around it, from its retries to the tools that run for it and the cache before it."""

from dataclasses import replace
from typing import TYPE_CHECKING

from composite_llm.caching.answers import CachedCall
from composite_llm.engine.calls import Call
from composite_llm.engine.nested_call import NestedCall
from composite_llm.engine.resilience import ResilientCall
from composite_llm.request.route import COMPOSITE_PREFIX
from composite_llm.streaming.sink import Sink
from composite_llm.tools.loop import Asking, ToolLoop
from composite_llm.tools.running import Runner
from composite_llm.tools.speech import Speech

if TYPE_CHECKING:
    from composite_llm.engine.stage import Stage


def asking(stage: "Stage", call: Call, *, final: bool = False, live: bool = True) -> Asking:
    """The call on its way: with the tools that run here for it, unless its answer is known.

    `live`: the words of a final one are given out as they come.
    """
    if composite := stage.run.groups.composite(call.model):
        call = replace(call, model=composite[0], parameters={**composite[1], **call.parameters})
    for_the_client = final or call.candidate
    box = stage.run.tooling.box_of(call, final=for_the_client)
    sink = stage.run.sink if final and live else None
    kind = NestedCall if call.model.startswith(COMPOSITE_PREFIX) else ResilientCall
    counted = False

    def ask(call: Call, sink: Sink | None) -> Asking:
        nonlocal counted  # the turns of one call share its part of the budget
        made = kind(stage, call, final=final, sink=sink, counted=counted)
        counted = True
        return made

    if box.empty:
        way = ask(call, sink)
    else:
        speech = Speech(sink, box) if sink and kind is ResilientCall else None
        way = ToolLoop(call, Runner(stage, box, call.max_thinks), ask, speech, aloud=for_the_client)
    runs_tools = for_the_client and not box.empty and box.executor is not None
    key = None if final or runs_tools else stage.run.answers.key(stage.name, call, stage.run.groups)
    return way if key is None else CachedCall(stage, call, key, way)
