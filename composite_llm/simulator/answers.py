"""What a request is answered: words, a tool call or JSON, and what that costs in tokens."""

import json
from dataclasses import dataclass, replace

from composite_llm.simulator.chance import seeded
from composite_llm.simulator.exploring import code_to_run
from composite_llm.simulator.profiles import Profile, reasoning_tokens
from composite_llm.simulator.prompt_cache import PromptCache
from composite_llm.simulator.prose import Writer
from composite_llm.simulator.question import RANKING_HEADER, is_aggregating, labels_to_rank, question_of
from composite_llm.simulator.replay import Recorded, Replay
from composite_llm.simulator.request import ChatRequest
from composite_llm.simulator.schema import SchemaDraw
from composite_llm.simulator.tool_calls import ToolCall, given_calls, tool_calls, tools_to_call
from composite_llm.simulator.usage import Usage, count_tokens, first_tokens, prompt_text, stated_usage

# Property names whose text is a phrase, or a judgement, rather than a sentence of an answer.
PHRASES = frozenset({"category", "class", "id", "key", "kind", "label", "name", "tag", "title", "topic"})
JUDGING = frozenset({"assessment", "critique", "explanation", "feedback", "rationale", "reason", "review"})


@dataclass(frozen=True, slots=True)
class Choice:
    content: str
    tool_calls: tuple[ToolCall, ...] = ()
    finish_reason: str = "stop"
    reasoning_tokens: int = 0
    reasoning: str = ""
    """What can be read of the reasoning."""
    logprob: float | None = None
    """Of each token; None where nobody asked."""

    @property
    def visible_tokens(self) -> int:
        return count_tokens(self.content) + sum(count_tokens(call.arguments) for call in self.tool_calls)


@dataclass(frozen=True, slots=True)
class Answer:
    choices: tuple[Choice, ...]
    usage: Usage | None
    """None when the answer reports none."""
    prompt: str
    """What the prompt cache remembers once the answer is out."""


class Answers:
    """Answers requests: a function of the seed and the request, except for the prompt cache's memory."""

    def __init__(self, seed: int, replay: Replay | None) -> None:
        self._seed = seed
        self._replay = replay
        self._cache = PromptCache()

    def answer(self, request: ChatRequest, profile: Profile) -> Answer:
        recorded = self._recorded(request)
        choices = tuple(self._choice(request, profile, recorded, index) for index in range(request.n))
        prompt = prompt_text(message.content for message in request.messages)
        counted = Usage(
            prompt_tokens=request.prompt_tokens,
            completion_tokens=sum(choice.visible_tokens + choice.reasoning_tokens for choice in choices),
            cached_tokens=self._cache.cached_tokens(request.model, prompt),
            reasoning_tokens=sum(choice.reasoning_tokens for choice in choices),
        )
        return Answer(choices, _usage(request, choices, recorded, counted), prompt)

    def remember(self, request: ChatRequest, answer: Answer) -> None:
        self._cache.remember(request.model, answer.prompt)

    def _recorded(self, request: ChatRequest) -> Recorded | None:
        """The recorded answer, unless the request wants something no recording has: JSON of a schema, when
        what is recorded for it is prose."""
        if self._replay is None or request.directive.content is not None or tools_to_call(request):
            return None
        if request.json_schema is None:
            return self._replay.answer(request.model, request.messages)
        return self._replay.json_answer(request.model, request.messages)

    def _choice(
        self, request: ChatRequest, profile: Profile, recorded: Recorded | None, index: int
    ) -> Choice:
        key = (self._seed, *request.key, index)
        writer = Writer(question_of(request.messages), request.model, profile.length, seeded("text", *key))
        if given := request.directive.tool_calls:
            said = request.directive.content or ""
            calls = given_calls(given, *key)
            return Choice(said, calls, "tool_calls", reasoning=request.directive.reasoning)
        called = [] if request.directive.content is not None else tools_to_call(request)
        # A recording says nothing of hidden reasoning, so none is added to its bill.
        hidden = 0 if recorded else self._reasoning(request, profile, *key)
        if called:
            calls = tool_calls(called, writer, *key)
            return Choice("", calls, "tool_calls", hidden, request.directive.reasoning)
        text = recorded.content if recorded else _text(request, writer)
        logprob = self._logprob(request, *key) if request.body.get("logprobs") else None
        reasoning = request.directive.reasoning
        return _cut(request, Choice(text, reasoning_tokens=hidden, reasoning=reasoning, logprob=logprob))

    def _logprob(self, request: ChatRequest, *key: object) -> float:
        given = request.directive.logprob
        return given if given is not None else -seeded("logprob", *key).random()

    def _reasoning(self, request: ChatRequest, profile: Profile, *key: object) -> int:
        """Hidden tokens of one choice; at most half of what the request allows, so that words remain."""
        tokens = reasoning_tokens(profile, request.body.get("reasoning_effort"), *key)
        return tokens if request.max_tokens is None else min(tokens, request.max_tokens // 2)


def _text(request: ChatRequest, writer: Writer) -> str:
    if request.directive.content is not None:
        return request.directive.content
    if request.json_schema is not None:
        drawn = SchemaDraw(request.json_schema, writer.chance, lambda name: _property(writer, name)).draw()
        return json.dumps(drawn, ensure_ascii=False)
    if request.json_object:
        return json.dumps({"answer": writer.answer()}, ensure_ascii=False)
    if code := code_to_run(request.messages):
        return code
    labels = labels_to_rank(request.messages)
    if labels:
        order = writer.chance.sample(labels, len(labels))
        places = "\n".join(f"{place}. {label}" for place, label in enumerate(order, 1))
        return f"{writer.judgement()}\n\n{RANKING_HEADER}\n{places}"
    if request.messages[-1].role in ("tool", "function"):
        return f"The tool answered: {request.messages[-1].content.strip()[:200]}\n\n{writer.sentence()}"
    return writer.answer(is_aggregating(request.messages))


def _property(writer: Writer, name: str) -> str:
    if name in PHRASES:
        return writer.term()
    return writer.judgement() if name in JUDGING else writer.sentence()


def _cut(request: ChatRequest, choice: Choice) -> Choice:
    """The choice ended by the first stop word, then by the token limit."""
    ends = [place for word in request.stop if (place := choice.content.find(word)) >= 0]
    stopped = choice.content[: min(ends)] if ends else choice.content
    if request.max_tokens is None:
        return replace(choice, content=stopped)
    left = first_tokens(stopped, request.max_tokens - choice.reasoning_tokens)
    return replace(choice, content=left, finish_reason="stop" if left == stopped else "length")


def _usage(
    request: ChatRequest, choices: tuple[Choice, ...], recorded: Recorded | None, counted: Usage
) -> Usage | None:
    directive = request.directive
    if not directive.reports_usage:
        return None
    if directive.usage is not None:
        return stated_usage(directive.usage, counted)
    # A recorded bill is for the one whole answer that was recorded.
    if (
        recorded is not None
        and recorded.usage is not None
        and [c.content for c in choices] == [recorded.content]
    ):
        return stated_usage(recorded.usage, counted)
    return counted
