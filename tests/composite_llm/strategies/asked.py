"""What tests of strategies that choose among answers ask, answer and look at.

A client's seed moves on from candidate to candidate, so by it a scripted model knows which of them it is.
"""

import json
import re

import litellm

from composite_llm import conventions as c
from composite_llm.planning.estimate import estimate
from composite_llm.request.reading import read_request

GPT, MINI, SONNET = "sim/openai/gpt-4o", "sim/openai/gpt-4o-mini", "sim/anthropic/claude-sonnet-4-5"
QUESTION = [{"role": "user", "content": "What is 6 times 7?"}]
SHOWN = re.compile(r"Answer ([A-Z]) <(\w{8})>\n(.*?)\n</\2>", re.DOTALL)


def ask(strategy, messages=QUESTION, model=GPT, **parameters):
    """With a seed of 0, so that each candidate's is its index."""
    return litellm.completion(f"composite/{strategy}/{model}", messages, **{"seed": 0, **parameters})


def text(response):
    return response.choices[0].message.content


def by_index(*answers, judge=None):
    """Candidates answer in this order; whoever is asked for JSON of a shape answers as `judge` makes it of the
    request."""

    def says(request):
        return judge(request) if request.json_schema else answers[request.body["seed"]]

    return says


def shown(request):
    """The answers in the last message, by letter."""
    return {letter: answer for letter, _, answer in SHOWN.findall(request.messages[-1].content)}


def picks(wanted):
    """A judge that wants the first answer that says so, wherever it stands."""

    def judge(request):
        letter = next(letter for letter, answer in shown(request).items() if wanted in answer)
        return json.dumps({"assessment": "", "choice": letter})

    return judge


def marks(scores):
    """A judge that gives each answer its mark."""

    def judge(request):
        [answer] = shown(request).values()
        return json.dumps({"assessment": "", "score": scores[answer]})

    return judge


def used(content, tokens_in, tokens_out):
    return {"content": content, "usage": {"prompt_tokens": tokens_in, "completion_tokens": tokens_out}}


def noted(spans, stage):
    """What a stage's span says."""
    [span] = [span for span in spans.get_finished_spans() if span.attributes.get(c.STAGE_NAME) == stage]
    return span.attributes


def calls(spans, role=None):
    """In the order the strategy asked."""
    found = [span for span in spans.get_finished_spans() if span.attributes[c.SPAN_TYPE] == c.LLM_CALL]
    found = [span for span in found if role in (None, span.attributes[c.CALL_ROLE])]
    return sorted(found, key=lambda span: (span.attributes[c.CALL_INDEX], span.attributes[c.CALL_ATTEMPT]))


def planned(strategy, model=GPT, **parameters):
    """The fewest calls and the most."""
    known = estimate(read_request(f"{strategy}/{model}", parameters))
    return known.least_calls, known.most_calls
