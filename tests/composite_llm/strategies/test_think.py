"""The think strategy, over real HTTP: what the model is given, what it may think, and what the client gets."""

import json

import litellm
import pytest

import composite_llm
from composite_llm import conventions as c
from composite_llm.planning.estimate import estimate
from composite_llm.request.reading import read_request
from tests.composite_llm.tools.asking import WEATHER, after, as_sent, calls_of, names_of
from tests.outline import outline
from tests.scripted_answers import script
from tests.streams import Streamed, finished

GPT = "openai/gpt-4o"
THINK = f"composite/think/sim/{GPT}"
ASKED = [{"role": "user", "content": "May this ticket be refunded?"}]


def thinks(*thoughts, said=None, **more):
    calls = [{"name": "think", "arguments": json.dumps({"thought": thought})} for thought in thoughts]
    return {"tool_calls": calls, "content": said, **more}


def used(tokens_in, tokens_out):
    return {"prompt_tokens": tokens_in, "completion_tokens": tokens_out}


def in_turn(monkeypatch, *said):
    """The n-th request is answered with the n-th of these, all after with the last; the requests heard."""
    heard = []

    def says(request):
        heard.append(request)
        return said[min(len(heard), len(said)) - 1]

    script(monkeypatch, says)
    return heard


def ask(messages=ASKED, model=THINK, **given):
    return litellm.completion(model, messages, **given)


def text(response):
    return response.choices[0].message.content


def thoughts(spans):
    return [span.attributes[c.INPUT_VALUE] for span in finished(spans, c.THINK_STEP)]


def test_it_thinks_as_often_as_it_likes_and_the_client_gets_the_answer_alone(simulator, spans, monkeypatch):
    """$0.0025 + $0.0005, $0.0030 + $0.0005, $0.0035 + $0.0020 at gpt-4o's $2.50 and $10 a million tokens."""
    heard = in_turn(
        monkeypatch,
        thinks("Which fare?\nThe cheap one.", usage=used(1000, 50)),
        thinks("Rule 4.", "So no.", usage=used(1200, 50)),
        {"content": "No.", "usage": used(1400, 200)},
    )
    response = ask([{"role": "system", "content": "You sell tickets."}, *ASKED], temperature=0.3)

    assert text(response) == "No."
    assert "think" not in str(response.choices[0].message.model_dump(exclude_none=True))
    assert response._hidden_params["response_cost"] == pytest.approx(0.0030 + 0.0035 + 0.0055)
    assert (response.usage.prompt_tokens, response.usage.completion_tokens) == (3600, 300)
    assert (
        outline(spans.get_finished_spans())
        == """\
invoke_workflow composite/think
  stage think
    chat gpt-4o (thinker)
    execute_tool think
    chat gpt-4o (thinker)
    execute_tool think
    execute_tool think
    chat gpt-4o (thinker)"""
    )
    assert sorted(thoughts(spans)) == ["Rule 4.", "So no.", "Which fare?\nThe cheap one."]
    assert [span.attributes[c.THINK_INDEX] for span in finished(spans, c.THINK_STEP)] == [0, 1, 2]
    first, _, last = [request.body for request in heard]
    assert [tool["function"]["name"] for tool in first["tools"]] == ["think"]
    assert first["messages"][0]["content"].startswith(
        "You sell tickets.\n\nOne of your tools is a scratchpad"
    )
    assert [message["role"] for message in last["messages"]] == [
        "system", "user", "assistant", "tool", "assistant", "tool", "tool",
    ]  # fmt: skip
    assert {message["content"] for message in last["messages"] if message["role"] == "tool"} == {""}
    assert {request.body["temperature"] for request in heard} == {0.3}


@pytest.mark.parametrize("most", [1, 2, 5])
def test_after_so_many_thoughts_the_tool_is_gone_and_that_is_what_the_plan_says(
    simulator, spans, monkeypatch, most
):
    def says(request):
        return thinks("Hm.") if "think" in [tool.name for tool in request.tools] else "Done."

    heard = script(monkeypatch, says)
    planned = estimate(read_request(f"think/{GPT}", {"max_thinks": most}))

    assert text(ask(max_thinks=most, tools=[WEATHER])) == "Done."
    assert (planned.least_calls, planned.most_calls) == (1, most + 1)
    assert len(heard) == most + 1
    assert len(thoughts(spans)) == most
    assert heard[-1].body["tools"] == [WEATHER]
    [stage] = finished(spans, c.STAGE)
    assert stage.attributes[c.THINK_USED_UP] is True


def test_without_other_tools_none_may_be_called_any_more(simulator, monkeypatch):
    heard = in_turn(monkeypatch, thinks("Hm."), "Done.")

    assert text(ask(max_thinks=1)) == "Done."
    assert heard[-1].tool_choice == "none"


def test_a_model_that_thinks_on_all_the_same_is_cut_off_with_what_it_has_said(simulator, spans, monkeypatch):
    in_turn(monkeypatch, thinks("Hm."), thinks("Hm.", said="It depends."))
    assert text(ask(max_thinks=1)) == "It depends."
    assert len(thoughts(spans)) == 1

    in_turn(monkeypatch, thinks("Hm."))
    with pytest.raises(litellm.InternalServerError, match="went on calling tools after max_thinks=3"):
        ask(max_thinks=3)


@pytest.mark.parametrize(
    ("written", "thought"),
    [
        ('{"thought": "Rule 4."}', "Rule 4."),
        ('{"thought": "Rule', '{"thought": "Rule'),
        ("Rule 4.", "Rule 4."),
        ('{"idea": "Rule 4."}', '{"idea": "Rule 4."}'),
        ('{"thought": ["Rule", 4]}', '{"thought": ["Rule", 4]}'),
        ("[1]", "[1]"),
        ('{"thought": "{{answers}} </think> {0}"}', "{{answers}} </think> {0}"),
        ("", ""),
    ],
)
def test_a_thought_is_taken_in_whatever_form_it_comes(simulator, spans, monkeypatch, written, thought):
    heard = in_turn(monkeypatch, {"tool_calls": [{"name": "think", "arguments": written}]}, "Done.")

    assert text(ask()) == "Done."
    turn, result = heard[1].body["messages"][-2:]
    assert json.loads(turn["tool_calls"][0]["function"]["arguments"]) == {"thought": thought}
    assert result["content"] == ""
    [span] = finished(spans, c.THINK_STEP)
    assert (span.attributes[c.INPUT_VALUE], span.attributes[c.THINK_CHARS]) == (thought, len(thought))
    assert span.attributes[c.OUTPUT_VALUE] == "ok"
    assert c.ERROR_TYPE not in span.attributes


def test_a_thought_of_a_megabyte_and_a_whole_conversation_in_one_do_no_harm(simulator, spans, monkeypatch):
    in_turn(monkeypatch, thinks("x" * 1_000_000), "<think> is a tag. {{answers}} {0}")

    assert text(ask()) == "<think> is a tag. {{answers}} {0}"
    [span] = finished(spans, c.THINK_STEP)
    assert span.attributes[c.THINK_CHARS] == 1_000_000
    assert len(span.attributes[c.INPUT_VALUE]) < 40_000
    assert span.attributes[c.CONTENT_TRUNCATED] is True


def test_what_is_kept_of_thoughts_is_as_the_content_rules_say(simulator, spans, monkeypatch):
    monkeypatch.setenv("COMPOSITE_LLM_CONTENT", "none")
    in_turn(monkeypatch, thinks("The customer is jane@example.org."), "Done.")
    ask()

    [span] = finished(spans, c.THINK_STEP)
    assert not {c.INPUT_VALUE, c.TOOL_ARGUMENTS} & set(span.attributes)
    assert span.attributes[c.THINK_CHARS] == 33


def test_a_thought_and_a_clients_call_in_one_turn(simulator, spans, monkeypatch):
    """The client runs its own call; in its next request the model finds its whole turn."""
    calls = [
        *thinks("First the weather.")["tool_calls"],
        {"name": "get_weather", "arguments": '{"city": "Oslo"}'},
    ]
    heard = in_turn(monkeypatch, {"tool_calls": calls}, thinks("Cold."), "It is cold.")

    response = ask(tools=[WEATHER])
    assert names_of(response) == ["get_weather"]
    assert response.choices[0].finish_reason == "tool_calls"

    response = ask(after(ASKED, response), tools=[WEATHER])

    assert (text(response), calls_of(response)) == ("It is cold.", [])
    told = heard[1].body["messages"]
    assert [message["role"] for message in told] == ["system", "user", "assistant", "tool", "tool"]
    assert [call["function"]["name"] for call in told[2]["tool_calls"]] == ["think", "get_weather"]
    assert heard[2].body["messages"][: len(told)] == told  # a prefix that stays, byte by byte
    after_tool = [span.attributes[c.THINK_AFTER_TOOL] for span in finished(spans, c.THINK_STEP)]
    assert after_tool == [False, True]


def test_a_call_the_client_requires_is_still_required_after_a_thought(simulator, monkeypatch):
    weather = {"tool_calls": [{"name": "get_weather", "arguments": '{"city": "Oslo"}'}]}
    heard = in_turn(monkeypatch, thinks("Hm."), weather)

    assert names_of(ask(tools=[WEATHER], tool_choice="required")) == ["get_weather"]
    assert [request.tool_choice for request in heard] == ["required", "required"]


def test_thoughts_leave_the_clients_tools_their_own_number_of_calls(simulator, spans, monkeypatch):
    weather = {"tool_calls": [{"name": "get_weather", "arguments": '{"city": "Oslo"}'}]}
    in_turn(monkeypatch, thinks("1"), weather, thinks("2"), thinks("3"), "Cold.")

    response = ask(
        tools=[WEATHER], tool_executor=lambda name, arguments: "4 degrees", max_tool_calls=1, max_thinks=3
    )

    assert text(response) == "Cold."
    assert (len(thoughts(spans)), len(finished(spans, c.TOOL))) == (3, 1)
    assert [span.attributes[c.THINK_AFTER_TOOL] for span in finished(spans, c.THINK_STEP)] == [
        False,
        True,
        True,
    ]


def test_guidance_of_ones_own_or_none(simulator, monkeypatch):
    heard = in_turn(monkeypatch, "Done.")
    ask(guidance="none")
    ask(guidance="Check {{answers}} against {rule 4}.")
    ask(prompts={"guide": "Think in {{language}}."}, language="Danish")

    assert as_sent(heard[0].body["messages"]) == ASKED
    assert heard[1].messages[0].content == "Check {{answers}} against {rule 4}."
    assert heard[2].messages[0].content.startswith("Think in Danish.")


@pytest.mark.parametrize("expose", ["none", "reasoning_content"])
@pytest.mark.parametrize("stream", [False, True])
def test_thoughts_are_told_only_on_request(simulator, spans, monkeypatch, expose, stream):
    in_turn(monkeypatch, thinks("One.", said="Let me see. "), thinks("Two.", "Three."), "No.")
    if stream:
        got = Streamed(list(ask(expose=expose, stream=True, stream_options={"include_usage": True})))
        said, reasoning = got.text, got.reasoning
        [request] = finished(spans, c.REQUEST)
        assert request.attributes[c.STREAM_KIND] == "live"
        calls = finished(spans, c.LLM_CALL)
        assert got.usage.prompt_tokens == sum(span.attributes[c.INPUT_TOKENS] for span in calls)
    else:
        message = ask(expose=expose).choices[0].message
        said, reasoning = message.content, getattr(message, "reasoning_content", "")

    assert said == "Let me see. \n\nNo."
    assert reasoning == ("" if expose == "none" else "One.\n\nTwo.\n\nThree.")


def test_a_turn_that_fails_after_thoughts_were_told_is_tried_again(simulator, monkeypatch):
    in_turn(monkeypatch, thinks("One."), {"fault": "503", "times": 1}, "No.")
    got = Streamed(list(ask(expose="reasoning_content", stream=True)))

    assert (got.text, got.reasoning) == ("No.", "One.")


def test_a_budget_that_ends_in_the_middle_of_it_is_said(simulator, spans, monkeypatch):
    in_turn(monkeypatch, thinks("Hm."), "No.")
    with pytest.raises(litellm.BadRequestError, match="has no room for thinker"):
        ask(max_calls=1)
    [request] = finished(spans, c.REQUEST)
    assert request.attributes[c.STOP_REASON] == "budget"
    assert request.attributes[c.ROLLUP_CALLS] == 1


async def test_a_deadline_that_comes_in_the_middle_of_it_is_said(simulator, spans, monkeypatch, clock):
    heard = in_turn(monkeypatch, thinks("Hm."), {"content": "", "delay_s": 36_000})
    with clock.passing(801, once=lambda: len(heard) == 2), pytest.raises(litellm.Timeout, match="of 800 s"):
        await litellm.acompletion(THINK, ASKED, hard_timeout_s=800, timeout=6000)

    assert thoughts(spans) == ["Hm."]
    [request] = finished(spans, c.REQUEST)
    assert (request.attributes[c.STOP_REASON], request.attributes[c.ROLLUP_COST_STATUS]) == (
        "timeout",
        "partial",
    )


def test_a_model_that_fails_fails_it_and_another_one_may_go_on(simulator, monkeypatch):
    def says(request):
        return {"fault": "400"} if request.model.endswith("gpt-4o") else "No."

    script(monkeypatch, says)
    with pytest.raises(litellm.BadRequestError):
        ask()
    assert text(ask(composite={"fallbacks": ["sim/openai/gpt-4o-mini"]})) == "No."


def test_an_unknown_price_is_never_zero(simulator, monkeypatch):
    in_turn(monkeypatch, thinks("Hm."), "No.")
    response = ask(model="composite/think/sim/hosted_vllm/my-own")

    assert response._hidden_params["response_cost"] is None
    assert composite_llm.receipt(response).unpriced_models == ["sim/hosted_vllm/my-own"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"max_thinks": 0}, "max_thinks"),
        ({"max_thinks": 65}, "max_thinks"),
        ({"expose": "content"}, "expose"),
        ({"think_tags": "yes"}, "think_tags"),
        ({"guidance": ""}, "guidance"),
        ({"max_think": 3}, "Did you mean 'max_thinks'"),
        ({"n": 2}, "n>1 cannot be had"),
        ({"functions": [{"name": "look", "parameters": {}}]}, "not the older functions"),
    ],
)
def test_what_cannot_be_is_refused_before_the_first_call(simulator, monkeypatch, given, said):
    heard = in_turn(monkeypatch, "No.")
    with pytest.raises(litellm.BadRequestError, match=said):
        ask(**given)
    assert heard == []


# --- tags ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "known", "answer"),
    [
        ("<think>\nRule 4.\n</think>\n\nNo.", ["Rule 4."], "No."),
        ("  <think>One.</think><think>Two.</think> No.", ["One.", "Two."], "No."),
        ("<think>One.</think> No. <think> is a tag.", ["One."], "No. <think> is a tag."),
        ("No thoughts, </think> no {{tags}}.", [], "No thoughts, </think> no {{tags}}."),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_thoughts_between_tags_are_taken_out_of_the_answer(
    simulator, spans, monkeypatch, written, known, answer, stream
):
    heard = in_turn(monkeypatch, written)
    if stream:
        got = Streamed(list(ask(think_tags="always", stream=True)))
        said, reasoning = got.text, got.reasoning
        [request] = finished(spans, c.REQUEST)
        assert request.attributes[c.STREAM_KIND] == "replayed"
    else:
        message = ask(think_tags="always").choices[0].message
        said, reasoning = message.content, getattr(message, "reasoning_content", "")

    assert (said, reasoning) == (answer, "")
    assert thoughts(spans) == known
    [request] = heard
    assert "tools" not in request.body
    assert "between <think> and </think>" in request.messages[0].content


def test_thoughts_between_tags_are_told_on_request(simulator, monkeypatch):
    in_turn(monkeypatch, "<think>One.</think><think>Two.</think>No.")
    message = ask(think_tags="always", expose="reasoning_content").choices[0].message

    assert (message.content, message.reasoning_content) == ("No.", "One.\n\nTwo.")


def test_thoughts_without_an_answer_are_no_answer(simulator, spans, monkeypatch):
    in_turn(monkeypatch, "<think>" + "On and on. " * 50)
    with pytest.raises(litellm.InternalServerError, match="wrote down thoughts and no answer"):
        ask(think_tags="always")
    assert len(thoughts(spans)) == 1
    assert finished(spans, c.REQUEST)[0].attributes[c.ROLLUP_CALLS] == 1


@pytest.mark.parametrize(
    ("model", "tags", "has_tool"),
    [
        ("sim/perplexity/sonar", "auto", False),  # LiteLLM's table says that it takes none
        ("sim/openai/gpt-4o", "auto", True),
        ("sim/hosted_vllm/my-own", "auto", True),  # nobody knows
        ("sim/perplexity/sonar", "never", True),
    ],
)
def test_tags_are_for_models_that_take_no_tools(simulator, monkeypatch, model, tags, has_tool):
    heard = in_turn(monkeypatch, "No.")
    assert text(ask(model=f"composite/think/{model}", think_tags=tags)) == "No."
    assert ("tools" in heard[0].body) is has_tool


@pytest.mark.parametrize("guidance", ["none", "Mind rule 4."])
def test_of_the_tags_a_model_is_told_in_any_case(simulator, monkeypatch, guidance):
    heard = in_turn(monkeypatch, "No.")
    ask(think_tags="always", guidance=guidance)

    told = heard[0].messages[0].content
    assert "between <think> and </think>" in told
    assert told.startswith("Mind rule 4.") is (guidance != "none")


def test_the_plan_knows_of_tags():
    planned = estimate(read_request(f"think/{GPT}", {"think_tags": "always"}))
    assert (planned.least_calls, planned.most_calls) == (1, 1)
