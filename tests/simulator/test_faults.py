"""Failures on demand."""

import httpx
import pytest

from composite_llm.simulator import OptionError, Simulator


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ("429", 429, "rate_limit_exceeded"),
        ("500", 500, None),
        ("503", 503, None),
        ("401", 401, "invalid_api_key"),
        ("context_length", 400, "context_length_exceeded"),
    ],
)
def test_a_refusal_has_its_status_and_openais_code(ask, simulator, fault, status, code, stream):
    response = ask(stream=stream, simulator={"fault": fault})

    assert (response.status_code, response.json()["error"]["code"]) == (status, code)
    assert simulator.requests[-1].outcome == fault


def test_a_rate_limit_says_when_to_come_back(ask):
    response = ask(simulator={"fault": "429", "retry_after_s": 1.5})

    assert (response.headers["retry-after"], response.headers["retry-after-ms"]) == ("2", "1500")


def test_a_fault_may_hit_only_the_first_of_identical_requests(ask):
    once = {"fault": "429", "times": 1}

    assert [ask("one", simulator=once).status_code for _ in range(3)] == [429, 200, 200]
    assert ask("two", simulator=once).status_code == 429


def test_a_malformed_answer_is_broken_json_or_a_broken_event(ask):
    whole = ask(simulator={"fault": "malformed"})
    stream = ask(stream=True, simulator={"fault": "malformed"})

    assert whole.status_code == stream.status_code == 200
    with pytest.raises(ValueError, match="Unterminated|Expecting"):
        whole.json()
    assert "[DONE]" not in stream.text


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("fault", ["truncated", "drop"])
def test_a_connection_may_break_off(ask, simulator, fault, stream):
    with pytest.raises(httpx.RemoteProtocolError):
        ask(stream=stream, simulator={"fault": fault})
    assert simulator.requests[-1].outcome == fault


def test_an_empty_answer_is_well_formed_and_costs_its_prompt(ask):
    answer = ask(simulator={"fault": "empty"}).json()

    assert answer["choices"][0]["message"]["content"] == ""
    assert (answer["usage"]["prompt_tokens"], answer["usage"]["completion_tokens"]) == (5, 0)


def test_a_hanging_request_ends_with_its_clients_patience(simulator):
    body = {"model": "m", "messages": [{"role": "user", "content": "x"}], "simulator": {"fault": "timeout"}}

    with pytest.raises(httpx.ReadTimeout):
        httpx.post(f"{simulator.url}/chat/completions", json=body, timeout=httpx.Timeout(60, read=0.2))


def test_a_model_fails_at_its_rate_alike_in_every_run_and_others_do_not(ask):
    def statuses(model):
        with Simulator(speed=0, faults={"gpt-4o": "429:0.25,500:0.25"}) as simulator:
            return [ask(str(i), to=simulator, model=model).status_code for i in range(40)]

    first = statuses("gpt-4o")
    # Ten of each are expected. The seed is fixed, so chance decides but once.
    assert 4 < first.count(429) < 17
    assert 4 < first.count(500) < 17
    assert first == statuses("gpt-4o")
    assert set(statuses("gpt-4o-mini")) == {200}


def test_repeating_a_request_draws_the_models_fault_again(ask):
    with Simulator(speed=0, faults={"*": "503:0.5"}) as simulator:
        assert {ask(to=simulator).status_code for _ in range(20)} == {200, 503}


@pytest.mark.parametrize("rates", ["418", "429:2", "429:x", "429:0.7,500:0.7", ""])
def test_fault_rates_that_make_no_sense_are_refused(rates):
    with pytest.raises(OptionError):
        Simulator(faults={"gpt-4o": rates})


@pytest.mark.parametrize(("words", "status"), [(64_000, 200), (64_001, 400)])
def test_a_prompt_longer_than_the_models_window_is_refused_as_its_provider_does(ask, words, status):
    """gpt-4o reads 128,000 tokens, of four characters here: 64,000 times eight fill it."""
    response = ask("longest " * words, model="gpt-4o")

    assert response.status_code == status
    if status == 400:
        error = response.json()["error"]
        assert error["code"] == "context_length_exceeded"
        assert (
            "maximum context length is 128000 tokens. However, your messages resulted in 128002"
            in (error["message"])
        )


def test_windows_may_be_left_out():
    with Simulator(speed=0, windows=False) as endless:
        asked = {"model": "gpt-4o", "messages": [{"role": "user", "content": "longest " * 64_001}]}
        assert httpx.post(f"{endless.url}/chat/completions", json=asked).status_code == 200
