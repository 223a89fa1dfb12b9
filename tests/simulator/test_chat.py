"""What comes back for a chat request, over real HTTP."""

import time

import httpx
import pytest

from composite_llm.simulator import Message, Simulator

SKY = "Why is the sky blue?"


def test_an_answer_has_the_shape_of_openais(ask):
    answer = ask(model="openai/gpt-4o").json()

    assert answer["id"].startswith("chatcmpl-")
    assert answer["object"] == "chat.completion"
    assert abs(answer["created"] - time.time()) < 60
    assert answer["model"] == "openai/gpt-4o"
    assert answer["system_fingerprint"] == "simulator"
    [choice] = answer["choices"]
    assert choice["index"] == 0
    assert choice["finish_reason"] == "stop"
    assert choice["message"]["role"] == "assistant"


def test_every_response_has_an_id_of_its_own(ask):
    assert ask().json()["id"] != ask().json()["id"]


def test_the_same_request_gets_the_same_words_from_any_simulator_of_that_seed(ask, text):
    with Simulator(speed=0) as other:
        assert text() == text() == text(to=other)


def test_another_model_seed_or_simulator_seed_gives_other_words(text):
    with Simulator(speed=0, seed=2) as other:
        answers = [text(), text(model="claude-3-5-sonnet"), text(seed=7), text(to=other)]

    assert len(set(answers)) == 4


def test_an_answer_speaks_about_the_question(text):
    assert "scatter" in text(SKY)
    assert "lisbon" in text("How should a family plan three days in Lisbon?").lower()


def test_small_models_say_less_than_large_ones(text):
    assert len(text(model="gpt-4o-mini")) < len(text(model="gpt-4o"))


def test_a_prompt_full_of_references_is_answered_about_the_question_and_at_more_length(text):
    references = "Use these answers.\n1. The sky is blue because of air.\n2. It is a reflection of the sea."
    messages = [{"role": "system", "content": references}, {"role": "user", "content": SKY}]

    plain, aggregated = text(), text(messages=messages)

    assert "scatter" in aggregated
    assert len(aggregated) > len(plain)


def test_a_list_of_the_users_own_is_not_taken_for_references(text):
    answer = text("How should we plan three days in Lisbon?\n1. We like food.\n2. We walk.")

    assert "answers" not in answer


def test_the_question_is_found_inside_a_reviewers_prompt(text):
    review = f"Question: {SKY}\n\nResponse A:\nDust.\n\nResponse B:\nAir.\n\nWhich one is better?"

    assert "blue" in text(review)


def test_a_reviewer_asked_for_a_ranking_in_words_ranks_every_answer_once(text):
    review = (
        f"Question: {SKY}\nResponse A: Dust.\nResponse B: Air.\nResponse C: Sea.\nEnd with FINAL RANKING:"
    )

    ranking = text(review).split("FINAL RANKING:\n")[1].splitlines()

    assert [line[:3] for line in ranking] == ["1. ", "2. ", "3. "]
    assert {line[3:] for line in ranking} == {"Response A", "Response B", "Response C"}


def test_n_choices_are_different_answers(ask):
    choices = ask(n=3).json()["choices"]

    assert [choice["index"] for choice in choices] == [0, 1, 2]
    assert len({choice["message"]["content"] for choice in choices}) == 3


def test_max_tokens_cuts_the_answer_after_that_many_tokens_of_four_characters(ask, text):
    answer = ask(max_tokens=5).json()

    assert answer["choices"][0]["message"]["content"] == text()[:20]
    assert answer["choices"][0]["finish_reason"] == "length"
    assert answer["usage"]["completion_tokens"] == 5


def test_an_answer_ends_before_a_stop_word(text):
    assert text(stop=[" air", "."], simulator={"content": "Clean air. Blue."}) == "Clean"


def test_content_may_be_given_in_parts(ask):
    parts = [{"type": "text", "text": "Why is the "}, {"type": "text", "text": "sky blue?"}]

    assert ask(messages=[{"role": "user", "content": parts}]).json()["usage"]["prompt_tokens"] == 5


def test_a_request_may_dictate_its_answer(text):
    assert text(simulator={"content": "Forty-two."}) == "Forty-two."


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"messages": None}, "'messages' is missing"),
        ({"messages": []}, "at least one message"),
        ({"messages": "hello"}, "'messages' must be a JSON array, not a string"),
        ({"messages": [{"role": "robot", "content": "x"}]}, "role' must be one of"),
        ({"messages": [{"role": "user"}]}, "content' is missing"),
        ({"model": None}, "'model' must be a string, not null"),
        ({"n": 0}, "'n' must be an integer of at least 1"),
        ({"max_tokens": "many"}, "'max_tokens' must be an integer"),
        ({"stream": "yes"}, "'stream' must be true or false"),
        ({"tool_choice": "always"}, "'tool_choice' must be"),
        ({"response_format": {"type": "xml"}}, "Unknown response_format type 'xml'"),
        ({"simulator": {"fault": "418"}}, "Unknown fault '418'; known are 429, 500"),
        ({"simulator": {"faults": "429"}}, "'simulator' does not know 'faults'"),
        ({"simulator": {"usage": {"prompt_tokens": -1}}}, "'prompt_tokens' must be an integer"),
    ],
)
def test_a_malformed_request_is_refused_with_a_reason(ask, change, said):
    response = ask(**change)

    assert response.status_code == 400
    assert said in response.json()["error"]["message"]
    assert response.json()["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize("body", [b"{", b"", b"\xff\xfe", b"[" * 100_000])
def test_a_body_that_is_not_json_is_refused(simulator, body):
    response = httpx.post(f"{simulator.url}/chat/completions", content=body)

    assert response.status_code == 400
    assert "not valid JSON" in response.json()["error"]["message"]


def test_an_unknown_address_or_method_is_answered_in_the_error_shape_too(simulator):
    assert httpx.get(f"{simulator.url}/nothing").json()["error"]["code"] == "unknown_url"
    assert httpx.get(f"{simulator.url}/chat/completions").status_code == 405


def test_the_models_are_listed(simulator):
    models = httpx.get(f"{simulator.url}/models").json()

    assert models["object"] == "list"
    assert "gpt-4o" in {model["id"] for model in models["data"]}


def test_the_health_page_counts_what_was_served(simulator, ask):
    ask()

    health = httpx.get(simulator.url.removesuffix("/v1") + "/healthz").json()

    assert health["service"] == "composite-llm-simulator"
    assert health["served"] == len(simulator.requests)
    assert health["in_flight"] == 0


def test_what_was_asked_and_answered_is_on_record(ask):
    with Simulator(speed=0) as simulator:
        answer = ask(to=simulator, temperature=0.7).json()
        ask(to=simulator, messages=[])

    [record, refused] = simulator.requests
    assert record.model == "gpt-4o"
    assert record.messages == (Message("user", SKY),)
    assert record.body["temperature"] == 0.7
    assert record.answer == answer["choices"][0]["message"]["content"]
    assert record.usage is not None
    assert record.usage.as_json() == answer["usage"]
    assert record.started <= record.finished
    assert record.outcome == "ok"
    assert (refused.outcome, refused.answer, refused.usage) == ("bad_request", None, None)


@pytest.mark.parametrize(
    "filler", ["x" * 300_000, "word " * 60_000, "\n" * 300_000, "- " * 150_000, "?" * 300_000]
)
def test_a_long_prompt_is_read_in_one_pass(simulator, filler):
    """The time it takes grows with the length and not with its square, so nobody else waits behind it."""
    messages = [{"role": "user", "content": f"Why is the sky blue? {filler} end"}]

    answer = httpx.post(
        f"{simulator.url}/chat/completions", json={"model": "gpt-4o", "messages": messages}, timeout=60
    )

    assert answer.status_code == 200


def test_probabilities_of_tokens_are_told_where_they_are_asked_for(ask):
    [plain] = ask().json()["choices"]
    assert plain["logprobs"] is None

    [choice] = ask(logprobs=True, simulator={"logprob": -0.25}).json()["choices"]
    tokens = choice["logprobs"]["content"]
    assert "".join(token["token"] for token in tokens) == choice["message"]["content"]
    assert {token["logprob"] for token in tokens} == {-0.25}

    [drawn] = ask(logprobs=True).json()["choices"]
    assert all(-1 <= token["logprob"] <= 0 for token in drawn["logprobs"]["content"])
    refused = ask(logprobs=True, simulator={"logprob": 0.5})
    assert (refused.status_code, "at most 0" in refused.text) == (400, True)
