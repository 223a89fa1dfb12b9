"""A root model that acts through tools, the client's own tools, and notes that fill a window, over HTTP."""

import base64
import json

import composite_llm
from composite_llm import conventions as c
from composite_llm.accounting.receipts import receipt
from tests.composite_llm.strategies.exploring import (
    CLOSING,
    GPT,
    QUESTION,
    TEXT,
    ask,
    code,
    conversation,
    exploring,
    of_type,
    said,
    the_root,
    turn_of,
)
from tests.composite_llm.tools.asking import WEATHER
from tests.outline import outline
from tests.scripted_answers import last_said, script
from tests.streams import Streamed


def calling(*calls, content=None):
    made = [{"name": name, "arguments": json.dumps(arguments)} for name, arguments in calls]
    return {"content": content, "tool_calls": made}


def test_a_model_may_act_through_tools(simulator, spans, monkeypatch):
    turns = [
        calling(("grep", {"pattern": "red", "most": 1}), ("peek", {"start": 0, "length": 5})),
        calling(("python", {"code": "n = len(context)\nprint(n)"})),
        calling(("llm_query_batched", {"prompts": ["One?", "Two?"]})),
        calling(("submit", {"reply": "50 :)"})),
    ]
    heard = exploring(monkeypatch, turns)

    assert said(ask(interface="tools")) == "50 :)"
    assert (
        outline(spans.get_finished_spans())
        == """\
invoke_workflow composite/rlm
  invoke_agent rlm
    stage rlm.turn1
      chat gpt-4o (rlm_root)
      execute_tool grep
    stage rlm.turn2
      chat gpt-4o (rlm_root)
      execute_tool python_repl
    stage rlm.turn3
      chat gpt-4o (rlm_root)
      chat gpt-4o-mini (rlm_leaf)
      chat gpt-4o-mini (rlm_leaf)
    stage rlm.turn4
      chat gpt-4o (rlm_root)"""
    )
    assert the_root(spans).attributes[c.RLM_TERMINATION] == "submit"
    names = [tool["function"]["name"] for tool in heard[0].body["tools"]]
    assert {"python", "grep", "submit", "rlm_query"} <= set(names)
    results = [message.content for message in heard[1].messages if message.role == "tool"]
    assert results == ["1: entry 000: red and so on", "entry\n\nTurn 2/20."]
    assert [message.content for message in heard[-1].messages][-1].startswith('["17", "17"]')


def test_a_tool_that_is_called_wrongly_is_told_so_and_the_rest_waits(simulator, monkeypatch):
    turns = [
        calling(("grep", {"pattern": "("}), ("peek", {})),
        calling(("dig", {})),
        calling(("grep", {"patern": "x"})),
        calling(("python", {"code": "1 / 0"})),
        {"tool_calls": [{"name": "peek", "arguments": "no JSON"}]},
        "It is 50.",
    ]
    heard = exploring(monkeypatch, turns)

    assert said(ask(interface="tools")) == "It is 50."
    results = [message.content for message in heard[-1].messages if message.role == "tool"]
    assert "is no pattern" in results[0]
    assert results[1].startswith("Not run")
    assert "There is no tool 'dig'" in results[2]
    assert "patern" in results[3]
    assert "ZeroDivisionError" in results[4]
    assert "no JSON object" in results[5]


def test_words_alone_end_it_once_the_text_was_looked_at_and_not_before(simulator, spans, monkeypatch):
    turns = ["It is 50.", calling(("peek", {"start": 0, "length": 9})), "It is 51."]
    heard = exploring(monkeypatch, turns)

    assert said(ask(interface="tools")) == "It is 51."
    assert "Nothing was called yet" in last_said(heard[1])
    assert the_root(spans).attributes[c.RLM_TERMINATION] == "said"


def test_the_last_words_of_a_model_with_tools_are_words(simulator, monkeypatch):
    heard = exploring(monkeypatch, [calling(("peek", {"start": 0, "length": 9}))])

    assert said(ask(interface="tools", max_iterations=1)) == "From what I have: 50."
    assert [message.role for message in heard[-1].messages][-2:] == ["tool", "user"]
    assert heard[-1].body["tool_choice"] == "none"


TOOLS = {"tools": [WEATHER]}


def test_the_clients_tools_are_left_out_and_that_is_said(simulator, spans, monkeypatch):
    heard = exploring(monkeypatch, ["Hm.", "FINAL(50)"])
    response = ask(**TOOLS)

    assert said(response) == "50"
    assert not any("tools" in request.body for request in heard)
    [reason] = receipt(response).degraded
    assert "the client's tools were left out" in reason


def test_one_answer_is_put_together_however_many_are_asked_for(simulator, monkeypatch):
    exploring(monkeypatch, ["FINAL(50)"])
    response = ask(n=2)

    assert [choice.message.content for choice in response.choices] == ["50"]
    assert receipt(response).degraded == ["rlm: one answer was put together, and n=2 were asked for"]


def test_the_last_words_call_no_tool_of_the_client(simulator, monkeypatch):
    heard = exploring(monkeypatch, ["Hm."])

    assert said(ask(max_iterations=1, **TOOLS)) == "From what I have: 50."
    assert heard[-1].body["tool_choice"] == "none"


def test_results_of_the_clients_tools_are_part_of_the_text(simulator, monkeypatch):
    heard = exploring(monkeypatch, [code("SUBMIT(context)")])
    call = {"id": "c1", "type": "function", "function": {"name": "read_log", "arguments": "{}"}}
    messages = [
        {"role": "user", "content": QUESTION},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c1", "content": TEXT},
    ]
    response = composite_llm.completion(f"composite/rlm/{GPT}", messages, min_context_tokens=0)

    assert heard[0].messages[1].content.startswith(f"Question:\n{QUESTION}")
    assert said(response) == (
        "=== 1. assistant message ===\n[called read_log with {}]\n\n=== 2. result of read_log ===\n" + TEXT
    )


def test_a_last_call_may_have_the_clients_tools_and_the_rest_is_asked_once(simulator, spans, monkeypatch):
    turns = ["FINAL(50 {are} red)"]
    heard = []

    def says(request):
        heard.append(request)
        if "Turn 1/20." in last_said(request):
            return turns[0]
        if any(message.role == "tool" for message in request.messages):
            return "It rains, and 50 are red."
        return calling(("get_weather", {"city": "Oslo"}))

    script(monkeypatch, says)
    given = {"final": True, "min_context_tokens": 0, "temperature": 0.5, **TOOLS}
    first = composite_llm.completion(f"composite/rlm/{GPT}", conversation(), **given)
    message = first.choices[0].message
    assert message.tool_calls[0].function.name == "get_weather"
    assert len(heard) == 2
    final = heard[-1]
    assert "50 {are} red" in last_said(final)
    assert last_said(final).startswith(QUESTION)
    assert len(str(final.body["messages"])) < len(TEXT)  # the text itself is not sent
    assert (final.body["temperature"], len(final.body["tools"])) == (0.5, 1)

    result = {"role": "tool", "tool_call_id": message.tool_calls[0].id, "content": "Rain."}
    again = [*conversation(), message.model_dump(exclude_none=True), result]
    second = composite_llm.completion(f"composite/rlm/{GPT}", again, **given)

    assert said(second) == "It rains, and 50 are red."
    assert len(heard) == 3  # the text was not explored anew
    assert [request.attributes[c.PANEL_CACHE] for request in of_type(spans, c.REQUEST)] == ["new", "hit"]


def test_out_of_turns_the_client_hears_who_writes_and_nobody_else(simulator, spans, monkeypatch):
    """The closing call before it is nobody's answer: it is not streamed, and has neither tools nor limits of the
    client's."""

    def says(request):
        heard.append(request)
        if CLOSING in last_said(request):
            return "50 are red."
        return "Hm." if turn_of(request) else "It is 50."

    heard = []
    script(monkeypatch, says)
    given = {"final": True, "min_context_tokens": 0, "max_iterations": 1, "max_tokens": 77, **TOOLS}
    streamed = Streamed(
        list(composite_llm.completion(f"composite/rlm/{GPT}", conversation(), stream=True, **given))
    )

    assert streamed.text == "It is 50."
    _, closing, final = heard
    assert [request.body.get("max_tokens") for request in heard] == [None, None, 77]
    assert not closing.tools
    assert "50 are red." in last_said(final)


def test_notes_that_fill_the_window_are_put_together_by_their_model(simulator, spans, monkeypatch):
    """1 % of gpt-4o's window is 1,216 tokens: the third turn is over it, and so is the fourth."""
    said_in_turns = [
        "One.\n" + code("print('first finding ' * 100)"),
        "Two.\n" + code("print('second finding ' * 100)"),
        "Three.\n" + code("print(len(history), history[2]['content'][:4])", "SUBMIT('done')"),
    ]
    heard = []

    def says(request):
        heard.append(request)
        if "are about to be put away" in last_said(request):
            return "Findings: first, second. Next: finish."
        return said_in_turns[sum("about to be" not in last_said(one) for one in heard) - 1]

    script(monkeypatch, lambda request: says(request) if CLOSING not in last_said(request) else "no")
    assert said(ask(compaction_threshold=0.01)) == "done"

    summary, third = heard[2], heard[3]
    assert [message.role for message in summary.messages] == [
        "system",
        "user",
        "assistant",
        "user",
        "assistant",
        "user",
    ]
    assert "second finding" in last_said(summary)
    assert [message.role for message in third.messages] == ["system", "user", "assistant", "user"]
    assert third.messages[:2] == heard[0].messages[:2]
    assert third.messages[2].content == "Findings: first, second. Next: finish."
    assert third.messages[3].content.startswith("Your earlier notes were put away")
    assert "Turn 3/20." in third.messages[3].content
    assert the_root(spans).attributes[c.RLM_COMPACTIONS] == 1
    assert of_type(spans, c.REPL_EXEC)[-1].attributes[c.TOOL_RESULT] == "6 One.\n"


def test_notes_are_just_put_away_where_no_call_is_left_for_it(simulator, spans, monkeypatch):
    heard = exploring(
        monkeypatch, [code("print('finding ' * 300)"), code("print('finding ' * 300)"), "FINAL(done)"]
    )

    assert said(ask(compaction_threshold=0.01, max_llm_calls=0)) == "done"
    assert len(heard) == 3
    assert "is in the REPL's list `history`" in heard[-1].messages[2].content


def test_files_are_read_as_text_and_what_is_none_is_said_to_be_left_out(simulator, monkeypatch):
    heard = exploring(monkeypatch, [code("SUBMIT(context)")])
    encoded = base64.b64encode(TEXT.encode()).decode()
    parts = [
        {"type": "text", "text": QUESTION},
        {"type": "file", "file": {"filename": "a.txt", "file_data": f"data:text/plain;base64,{encoded}"}},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}},
    ]
    response = composite_llm.completion(
        f"composite/rlm/{GPT}", [{"role": "user", "content": parts}], min_context_tokens=0
    )

    assert said(response).startswith("[file a.txt]\nentry 000: red")
    assert QUESTION in heard[0].messages[1].content
    assert "parts that are no text were left out: image_url" in receipt(response).degraded[0]
