"""A recursive run whose root says what a test has written down for each of its turns."""

import re

import composite_llm
from composite_llm import conventions as c
from tests.scripted_answers import last_said, script

GPT, MINI = "sim/openai/gpt-4o", "sim/openai/gpt-4o-mini"
TURN = re.compile(r"Turn (\d+)/\d+\.")
CLOSING = "No more code can be run"
QUESTION = "How many are red?"
LINES = [f"entry {number:03}: {'red' if number % 4 == 0 else 'blue'} and so on" for number in range(200)]
TEXT = "\n".join(LINES)
"""200 lines, 50 of them red; the first is `entry 000: red and so on`."""


def turn_of(request):
    """Which turn of a node is asked for; None for any other call."""
    found = TURN.findall(last_said(request))
    return int(found[-1]) if found and CLOSING not in last_said(request) else None


def exploring(monkeypatch, turns, leaf="17", child=(), closing="From what I have: 50."):
    """`turns` of the root and of its children, as texts; `leaf` answers sub-calls, as a text or by the prompt."""

    def says(request):
        turn = turn_of(request)
        if turn is not None:
            is_child = child and QUESTION not in request.messages[1].content
            said = (child if is_child else turns)[turn - 1]
            return said(request) if callable(said) else said
        if CLOSING in last_said(request):
            return closing
        return leaf(last_said(request)) if callable(leaf) else leaf

    return script(monkeypatch, says)


def conversation(text=TEXT, question=QUESTION):
    return [{"role": "user", "content": text}, {"role": "user", "content": question}]


def ask(text=TEXT, question=QUESTION, model=GPT, **parameters):
    given = {"min_context_tokens": 0, "sub_model": MINI, **parameters}
    return composite_llm.completion(f"composite/rlm/{model}", conversation(text, question), **given)


def said(response):
    return response.choices[0].message.content


def code(*lines):
    return "```repl\n" + "\n".join(lines) + "\n```"


def of_type(spans, kind):
    """In the order in which they began."""
    found = [span for span in spans.get_finished_spans() if span.attributes[c.SPAN_TYPE] == kind]
    return sorted(found, key=lambda span: span.start_time)


def the_root(spans):
    return next(span for span in of_type(spans, c.RLM_NODE) if span.attributes[c.RLM_DEPTH] == 0)


def calls(spans, role):
    return [span for span in of_type(spans, c.LLM_CALL) if span.attributes[c.CALL_ROLE] == role]
