"""A recursive run from its first look to its answer, over HTTP: what runs, what models read, what is told of it."""

import json

import pytest

import composite_llm
from composite_llm import conventions as c
from composite_llm.accounting.receipts import receipt
from composite_llm.errors import BadRequest
from composite_llm.request.reading import read_request
from tests.composite_llm.strategies.exploring import (
    GPT,
    LINES,
    QUESTION,
    TEXT,
    ask,
    code,
    exploring,
    of_type,
    said,
    the_root,
)
from tests.outline import outline
from tests.recorded import used
from tests.scripted_answers import last_said, script
from tests.streams import Streamed

LOOK = "I look first.\n" + code("print(peek(0, 26))", "print(grep('red', most=2))")
COUNT = "Now I ask.\n" + code(
    "pieces = chunks(len(context) // 2 + 1)",
    "said = llm_query_batched(['How many?\\n' + piece for piece in pieces])",
    "print(said, read_lines(1))",
    "answer['content'] = f'{sum(map(int, said))} :)'",
    "answer['ready'] = True",
)


def test_a_run_is_turns_with_their_code_and_what_the_code_asked(simulator, spans, monkeypatch):
    exploring(monkeypatch, [LOOK, COUNT], leaf="25")
    response = ask()

    assert said(response) == "50 :)"
    assert response.choices[0].finish_reason == "stop"
    assert (
        outline(spans.get_finished_spans())
        == """\
invoke_workflow composite/rlm
  invoke_agent rlm
    stage rlm.turn1
      chat gpt-4o (rlm_root)
      execute_tool python_repl
        execute_tool grep
    stage rlm.turn2
      chat gpt-4o (rlm_root)
      execute_tool python_repl
        chat gpt-4o-mini (rlm_leaf)
        execute_tool read_lines
        chat gpt-4o-mini (rlm_leaf)"""
    )


def test_spans_tell_what_was_run_and_how_much_of_the_text_was_seen(simulator, spans, monkeypatch):
    exploring(monkeypatch, [LOOK, COUNT], leaf="25")
    ask()

    root = the_root(spans).attributes
    assert root[c.RLM_TERMINATION] == "answer"
    assert (root[c.RLM_ITERATIONS], root[c.RLM_SUB_CALLS], root[c.RLM_SUB_CALL_ERRORS]) == (2, 2, 0)
    assert (root[c.RLM_CONTEXT_CHARS], root[c.RLM_CONTEXT_START], root[c.RLM_CONTEXT_END]) == (
        len(TEXT),
        0,
        len(TEXT),
    )
    assert root[c.RLM_COVERAGE] == 1.0  # two halves, both asked about
    assert json.loads(root[c.RLM_SEEN]) == [[0, len(TEXT)]]
    assert root[c.RLM_QUERY_CHARS] == len(QUESTION)
    assert (root[c.RLM_NODE_ID], root[c.RLM_MAX_DEPTH], root[c.ROLLUP_MAX_DEPTH]) == ("0", 1, 0)
    assert root[c.RLM_BUDGET_SUB_CALLS] == 50
    assert c.RLM_BUDGET_USD not in root
    assert c.RLM_PARENT_NODE_ID not in root

    first, second = (span.attributes for span in of_type(spans, c.REPL_EXEC))
    assert (first[c.REPL_ITERATION], first[c.REPL_EXIT], first[c.REPL_SUB_CALLS]) == (1, "ok", 0)
    assert (second[c.REPL_ITERATION], second[c.REPL_SUB_CALLS], second[c.REPL_SANDBOX]) == (2, 2, "monty")
    assert second[c.ROLLUP_CALLS] == 2
    assert json.loads(first[c.TOOL_ARGUMENTS])["code"] == "print(peek(0, 26))\nprint(grep('red', most=2))"
    assert first[c.TOOL_RESULT].startswith(LINES[0])

    [grep] = [span.attributes for span in of_type(spans, c.GREP)]
    assert (grep[c.GREP_MATCHES], grep[c.GREP_RETURNED], grep[c.GREP_TRUNCATED]) == (50, 2, True)
    [read] = [span.attributes for span in of_type(spans, c.READ_LINES)]
    assert (read[c.READ_START_LINE], read[c.READ_END_LINE], read[c.READ_LINE_COUNT]) == (1, 1, 1)
    assert read[c.READ_CHARS] == len(LINES[0])


def test_what_is_recorded_of_code_keeps_to_what_may_be(simulator, spans, monkeypatch):
    monkeypatch.setenv("COMPOSITE_LLM_CONTENT", "none")
    exploring(monkeypatch, [LOOK, COUNT], leaf="25")
    ask()

    told = str([dict(span.attributes) for span in spans.get_finished_spans()])
    assert "entry 0" not in told
    assert "peek" not in told
    assert all(span.attributes[c.REPL_CODE_SHA256] for span in of_type(spans, c.REPL_EXEC))


def test_the_bill_is_the_sum_of_its_calls(simulator, spans, monkeypatch):
    """Root, gpt-4o: 2 × (1000 in, 100 out) = 2 × (0.0025 + 0.001) = $0.007. Two of gpt-4o-mini: (2000 in, 500 out)
    = 0.0003 + 0.0003 = $0.0006 each."""
    turns = [lambda _: used(LOOK, 1000, 100), lambda _: used(COUNT, 1000, 100)]
    exploring(monkeypatch, turns, leaf=lambda _: used("25", 2000, 500))
    response = ask()

    assert response._hidden_params["response_cost"] == pytest.approx(0.007 + 0.0012)
    assert (response.usage.prompt_tokens, response.usage.completion_tokens) == (6000, 1200)
    leaves = sum(span.attributes[c.COST_USD] for span in of_type(spans, c.LLM_CALL))
    assert leaves == pytest.approx(0.0082)
    root = the_root(spans).attributes
    assert root[c.ROLLUP_COST_USD] == pytest.approx(0.0082)
    assert c.COST_USD not in root
    assert of_type(spans, c.REPL_EXEC)[1].attributes[c.ROLLUP_COST_USD] == pytest.approx(0.0012)
    assert receipt(response).degraded == []


def test_the_root_reads_the_question_the_size_of_the_text_and_what_was_printed(simulator, monkeypatch):
    heard = exploring(monkeypatch, [LOOK, COUNT], leaf="25")
    ask()

    first, second, *leaves = heard
    assert [message.role for message in first.messages] == ["system", "user"]
    assert f"{len(TEXT):,} characters in 200 lines" in first.messages[1].content
    assert first.messages[1].content.startswith(f"Question:\n{QUESTION}")
    assert "304,000 characters" in first.messages[0].content  # 128,000 tokens less 5 %, 2.5 to a token
    assert not any(LINES[5] in message.content for message in first.messages)
    assert [message.role for message in second.messages] == ["system", "user", "assistant", "user"]
    assert second.messages[3].content.startswith("REPL output:\nentry 000: red and so on\ne\n['1: entry 000")
    assert second.messages[3].content.endswith("Turn 2/20.")
    assert {leaf.messages[0].content for leaf in leaves} == {
        "How many?\n" + TEXT[: len(TEXT) // 2 + 1],
        "How many?\n" + TEXT[len(TEXT) // 2 + 1 :],
    }
    assert [len(leaf.messages) for leaf in leaves] == [1, 1]


def test_no_two_turns_of_the_user_stand_side_by_side(simulator, monkeypatch):
    heard = exploring(monkeypatch, ["Hm.", LOOK, code("1 / 0"), "```repl\nprint(1", COUNT], leaf="25")
    ask()

    assert not any(request.has_adjacent_user_turns for request in heard)
    told = [last_said(request) for request in heard[:5]]
    assert "no block of code" in told[1]
    assert "ZeroDivisionError: division by zero (line 1)" in told[3]
    assert "has no end" in told[4]


def test_names_stay_bound_also_after_an_error(simulator, monkeypatch):
    turns = [
        code("n = 41", "print(undefined)"),
        code("n += 1", "answer['content'] = n", "answer['ready'] = True"),
    ]
    exploring(monkeypatch, turns)

    assert said(ask()) == "42"


@pytest.mark.parametrize(
    ("last", "how", "answer"),
    [
        (code("SUBMIT('a) b (c')"), "submit", "a) b (c"),
        (code("SUBMIT(red=50)"), "submit", '{"red": 50}'),
        (code("answer['content'] = {'red': 50}", "answer['ready'] = True"), "answer", '{"red": 50}'),
        ("So:\nFINAL(50 (of 200) :) and no more)", "final", "50 (of 200) :) and no more"),
        (code("found = 'fifty'") + "\nFINAL_VAR(found)", "final_var", "fifty"),
        ("FINAL({{answers}} {0} {context})", "final", "{{answers}} {0} {context}"),
    ],
)
def test_it_may_end_in_any_of_these_ways(simulator, spans, monkeypatch, last, how, answer):
    exploring(monkeypatch, [LOOK, last])

    assert said(ask()) == answer
    assert the_root(spans).attributes[c.RLM_TERMINATION] == how


def test_a_tag_inside_code_or_before_its_code_failed_ends_nothing(simulator, spans, monkeypatch):
    turns = [
        code("print('''", "FINAL(wrong)", "''')"),
        "```text\nFINAL(wrong)\n```",
        "FINAL_VAR(nothing)",
        code("found = 1 / 0") + "\nFINAL(wrong)",
        "FINAL(right)",
    ]
    heard = exploring(monkeypatch, turns)

    assert said(ask()) == "right"
    assert "no variable 'nothing'" in last_said(heard[3])


def test_a_short_conversation_is_one_plain_call_with_the_clients_parameters(simulator, spans, monkeypatch):
    heard = script(monkeypatch, lambda request: "50")
    response = ask(min_context_tokens=16_384, temperature=0.5, max_tokens=9)

    assert said(response) == "50"
    assert outline(spans.get_finished_spans()).splitlines()[1:] == [
        "  stage rlm.direct",
        "    chat gpt-4o (direct)",
    ]
    [request] = heard
    assert (request.body["temperature"], request.max_tokens, len(request.messages)) == (0.5, 9, 2)


def test_none_of_the_clients_parameters_reach_the_inner_calls(simulator, monkeypatch):
    heard = exploring(monkeypatch, [LOOK, COUNT], leaf="25")
    ask(temperature=0.5, max_tokens=10, stop=["x"], seed=5)

    assert len(heard) == 4
    for request in heard:
        assert not {"temperature", "max_tokens", "stop", "tools"} & set(request.body)


def test_the_language_and_the_applications_instructions_reach_the_root(simulator, monkeypatch):
    heard = script(monkeypatch, lambda request: "FINAL(50)")
    composite_llm.completion(
        f"composite/rlm/{GPT}",
        [
            {"role": "system", "content": "Be {curt}."},
            {"role": "user", "content": TEXT},
            {"role": "user", "content": QUESTION},
        ],
        min_context_tokens=0,
        language="German",
    )

    system = heard[0].messages[0].content
    assert "Be {curt}." in system
    assert system.endswith("Write your answer in German.")


def test_the_roots_instructions_may_be_replaced_and_keep_what_they_need(simulator, monkeypatch):
    heard = exploring(monkeypatch, ["FINAL(50)"])
    ask(prompts={"root": "Explore. {{rules}}"})

    system = heard[0].messages[0].content
    assert system.startswith("Explore. How to go about it:")
    assert "`llm_query(prompt)`" in system  # the names, which it left out


SCHEMA = {
    "type": "json_schema",
    "json_schema": {
        "name": "count",
        "schema": {
            "type": "object",
            "properties": {"red": {"type": "integer"}},
            "required": ["red"],
            "additionalProperties": False,
        },
    },
}


def test_an_answer_that_does_not_fit_the_clients_schema_goes_back_to_the_model(simulator, spans, monkeypatch):
    turns = ["FINAL(fifty)", code("SUBMIT(red='50')"), code("SUBMIT(red=50)")]
    heard = exploring(monkeypatch, turns)

    assert json.loads(said(ask(response_format=SCHEMA))) == {"red": 50}
    assert "must be JSON" in last_said(heard[1])
    assert "$.red: '50' is not of type 'integer'" in last_said(heard[2])
    assert '"required": ["red"]' in heard[0].messages[1].content
    assert "response_format" not in heard[0].body


def test_a_stream_replays_the_answer_and_ends_with_the_sum(simulator, spans, monkeypatch):
    exploring(monkeypatch, [LOOK, COUNT], leaf="25")
    streamed = Streamed(list(ask(stream=True, stream_options={"include_usage": True}, progress="reasoning")))

    assert streamed.text == "50 :)"
    assert "rlm.turn2: 2 sub-calls" in streamed.reasoning
    leaves = of_type(spans, c.LLM_CALL)
    assert len(leaves) == 4
    assert streamed.usage.prompt_tokens == sum(leaf.attributes[c.INPUT_TOKENS] for leaf in leaves)
    [request] = of_type(spans, c.REQUEST)
    assert request.attributes[c.STREAM_KIND] == "replayed"


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"max_deep": 2}, "max_deep"),
        ({"max_depth": 9}, "max_depth: input should be less than or equal to 4"),
        ({"max_iterations": 0}, "max_iterations: input should be greater than or equal to 1"),
        ({"compaction_threshold": 1.0}, "compaction_threshold: input should be less than 1"),
        ({"sandbox": "docker"}, "sandbox"),
        ({"interface": "json"}, "interface"),
    ],
)
def test_a_wrong_parameter_is_answered_with_where_and_what(given, sentence):
    with pytest.raises(BadRequest) as error:
        read_request("rlm/openai/gpt-4o", given)

    assert sentence in str(error.value)


def test_a_model_nobody_knows_stops_it_before_the_first_call(simulator, monkeypatch):
    heard = exploring(monkeypatch, [])
    with pytest.raises(Exception, match="'frontier' names no provider"):
        ask(sub_model="frontier")
    assert heard == []


def test_code_without_a_sandbox_has_to_be_wanted_twice(simulator, monkeypatch):
    monkeypatch.delenv("COMPOSITE_LLM_UNSAFE_SANDBOX", raising=False)
    heard = exploring(monkeypatch, [])
    with pytest.raises(Exception, match="COMPOSITE_LLM_UNSAFE_SANDBOX"):
        ask(sandbox="unsafe_local")
    assert heard == []


def test_a_price_nobody_knows_is_never_nothing(simulator, monkeypatch):
    exploring(monkeypatch, [LOOK, COUNT], leaf="25")
    response = ask(sub_model="sim/acme/frontier-1")

    assert response._hidden_params["response_cost"] is None
    assert receipt(response).unpriced_models == ["sim/acme/frontier-1"]


def test_it_runs_offline_with_nothing_scripted(simulator, spans):
    """The simulated root looks, asks about four parts, and ends: 3 turns and 4 sub-calls."""
    response = ask(question="Why {is} 'the' sky \"blue\"?")

    assert said(response)
    assert len(of_type(spans, c.LLM_CALL)) == 7
    assert (
        the_root(spans).attributes[c.RLM_TERMINATION],
        the_root(spans).attributes[c.RLM_COVERAGE],
    ) == ("answer", 1.0)
    assert [cell.attributes[c.REPL_EXIT] for cell in of_type(spans, c.REPL_EXEC)] == ["ok"] * 3
