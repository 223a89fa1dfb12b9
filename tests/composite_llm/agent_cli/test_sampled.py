"""An agent CLI among models of which one answer is chosen."""

import composite_llm
from tests.composite_llm.agent_cli.lines import ANSWER, SIMPLE
from tests.scripted_answers import script

QUESTION = [{"role": "user", "content": "Why is the sky blue?"}]


def test_it_is_sampled_without_the_temperature_it_does_not_take(agent):
    agent.says(*SIMPLE)

    answer = composite_llm.completion("composite/self_consistency/composer-cli/auto", QUESTION, samples=2)

    assert answer.choices[0].message.content == ANSWER
    assert len(agent.runs) == 2
    assert answer._hidden_params["response_cost"] is None  # nobody knows what it costs
    assert composite_llm.receipt(answer).degraded == []


def test_it_may_win_over_a_model(agent, monkeypatch):
    agent.says(*SIMPLE)

    def says(request):
        if not request.json_schema:
            return "No idea."
        before, _ = request.messages[-1].content.split(ANSWER)
        return f'{{"choice": "{before.rpartition("Answer ")[2][0]}"}}'

    script(monkeypatch, says)
    candidates = ["sim/openai/gpt-4o-mini", "composer-cli/auto"]
    answer = composite_llm.completion(
        "composite/judge/sim/openai/gpt-4o", QUESTION, candidates=candidates, candidate_temperature=0.5
    )

    assert answer.choices[0].message.content == ANSWER
    assert composite_llm.receipt(answer).unpriced_models == ["composer-cli/auto"]
