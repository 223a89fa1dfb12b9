"""What the steps that ask models have in common: what they read, whom they ask, and their stage."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from composite_llm import conventions as c
from composite_llm.content import Message
from composite_llm.engine.calls import Call, Reply
from composite_llm.engine.message_rules import in_language
from composite_llm.engine.run import Stage
from composite_llm.graph.results import Result, placed
from composite_llm.graph.running import Work
from composite_llm.request.prompts import Prompt
from composite_llm.strategies.parts.conversation import guided, numbered


@dataclass(frozen=True, slots=True)
class Asked:
    """A step whose turn has come."""

    work: Work
    name: str
    results: Mapping[str, Result]
    """Of the steps it reads."""

    @property
    def conversation(self) -> Sequence[Message]:
        return self.work.run.messages

    @property
    def reads(self) -> list[Reply]:
        """The answers whose text is part of what is asked, each once."""
        replies = [reply for result in self.results.values() for reply in result.replies]
        return list({id(reply): reply for reply in replies}.values())

    def model(self, own: str | None) -> str:
        return own or self.work.run.model

    def replies_of(self, inputs: Sequence[str]) -> list[Reply]:
        return [reply for name in inputs for reply in self.results[name].replies]

    def text_of(self, inputs: Sequence[str]) -> str:
        """All the answers of these steps, numbered when there are several."""
        texts = [
            text
            for name in inputs
            for text in ([reply.text for reply in self.results[name].replies] or [self.results[name].text])
        ]
        return texts[0] if len(texts) == 1 else numbered(texts)

    def told(self, text: str, *, needed: Sequence[str] = (), **values: str) -> list[Message]:
        """The conversation, told `text` with its places filled in. A place in `needed` that the text leaves
        out is put at its end, since what stands there is what the step is about."""
        prompt = Prompt(self.name, text, tuple(needed))
        return guided(
            self.work.run, self.work.run.told(prompt, **(placed(self.results) | values)), usually="tail_user"
        )

    @asynccontextmanager
    async def stage(self, kind: str | None = None, part: str = "") -> AsyncGenerator[Stage]:
        async with opened(self.work, self.name, kind, part) as stage:
            yield stage


@asynccontextmanager
async def opened(work: Work, name: str, kind: str | None = None, part: str = "") -> AsyncGenerator[Stage]:
    """The stage of a step, or of a `part` of one, as the trace shows it."""
    step = work.scope.steps[name]
    async with work.run.stage(kind or step.stage_kind, f"{work.scope.within}{name}{part}") as stage:
        stage.note(c.GRAPH_STEP, step.kind)
        yield stage


async def ask(stage: Stage, call: Call, *, final: bool) -> Reply:
    """One model; with the client's own parameters where its answer is the client's."""
    if final:
        return await stage.final(call)
    [reply] = await stage.together([writing(stage, call)])
    return reply


def writing(stage: Stage, call: Call) -> Call:
    """In the language asked for: of the steps before the final one any answer may be chosen in the end."""
    language = stage.run.options.language
    return replace(call, messages=in_language(call.messages, language)) if language else call
