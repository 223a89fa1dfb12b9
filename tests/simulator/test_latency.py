"""Time: how long answers take, that they take it side by side, and that leaving ends the work."""

import asyncio

import httpx
import pytest

from composite_llm.simulator import OptionError, PortUnavailable, Simulator
from composite_llm.simulator.profiles import DEFAULT, PROFILES, profile_of, timing
from tests.collector.running import wait_until


def request(**directive) -> dict:
    return {"model": "gpt-4o", "messages": [{"role": "user", "content": "x"}], "simulator": directive}


@pytest.mark.parametrize(
    ("model", "prefix"),
    [
        ("gpt-4o-2024-05-13", "gpt-4o"),
        ("gpt-4o-mini-2024-07-18", "gpt-4o-mini"),
        ("openai/gpt-5-mini", "gpt-5-mini"),
        ("together_ai/meta-llama/Llama-3-70b-chat-hf", "llama"),
        ("together_ai/Qwen/Qwen1.5-110B-Chat", "qwen"),
        ("anthropic/claude-3-5-haiku-latest", "claude-3-5-haiku"),
    ],
)
def test_a_model_is_known_by_the_longest_prefix_of_its_own_name(model, prefix):
    assert profile_of(model) == PROFILES[prefix]


def test_an_unknown_model_has_the_usual_speed():
    assert profile_of("my-own-model") == DEFAULT


def test_a_models_seconds_spread_around_its_median_and_shrink_with_the_speed():
    profile = PROFILES["gpt-4o"]
    firsts = sorted(timing(profile, 1, 0, 100, i).first_s for i in range(401))

    assert firsts[200] == pytest.approx(profile.first_token_s, rel=0.1)
    assert firsts[0] < 0.7 * firsts[200] < firsts[-1]
    once, tenfold = timing(profile, 1, 0, 100, "x"), timing(profile, 10, 0, 100, "x")
    assert tenfold.total_s == pytest.approx(once.total_s / 10)
    assert timing(profile, 1, 500, 100, "x").first_s > once.first_s


def test_a_real_speed_really_waits(ask):
    with Simulator(speed=20) as simulator:
        ask(to=simulator)

    [record] = simulator.requests
    assert record.finished - record.started > 0.02


async def test_two_hundred_calls_are_in_flight_at_once():
    with Simulator(speed=0) as simulator:
        limits = httpx.Limits(max_connections=200)
        async with httpx.AsyncClient(base_url=simulator.url, limits=limits, timeout=60) as client:

            def call(**directive) -> asyncio.Task[httpx.Response]:
                return asyncio.create_task(client.post("/chat/completions", json=request(**directive)))

            hanging = [call(fault="timeout") for _ in range(200)]
            await asyncio.to_thread(wait_until, lambda: simulator.max_in_flight == 200)
            for task in hanging:
                task.cancel()
            await asyncio.wait(hanging)
            await asyncio.to_thread(wait_until, lambda: len(simulator.requests) == 200)
            answered = await asyncio.gather(*(call() for _ in range(200)))

    assert {response.status_code for response in answered} == {200}


def test_calls_one_after_another_are_never_in_flight_together(ask):
    with Simulator(speed=0) as simulator:
        for i in range(20):
            ask(str(i), to=simulator)

    assert simulator.max_in_flight == 1


@pytest.mark.parametrize("stream", [False, True])
async def test_work_ends_when_its_client_goes_away(stream):
    with Simulator() as simulator:
        body = {**request(delay_s=600), "stream": stream}
        async with httpx.AsyncClient(timeout=60) as client:
            call = asyncio.create_task(client.post(f"{simulator.url}/chat/completions", json=body))
            await asyncio.to_thread(wait_until, lambda: simulator.in_flight == 1)
            call.cancel()
            await asyncio.wait([call])
        await asyncio.to_thread(wait_until, lambda: bool(simulator.requests))

    assert [record.outcome for record in simulator.requests] == ["cancelled"]


async def test_stopping_ends_the_work_in_progress():
    simulator = Simulator().start()
    async with httpx.AsyncClient(timeout=60) as client:
        body = request(delay_s=600)
        call = asyncio.create_task(client.post(f"{simulator.url}/chat/completions", json=body))
        await asyncio.to_thread(wait_until, lambda: simulator.max_in_flight == 1)
        await asyncio.to_thread(simulator.stop)
        with pytest.raises(httpx.RemoteProtocolError):
            await call


def test_a_simulator_may_be_stopped_twice_and_started_again(ask):
    simulator = Simulator(speed=0).start()
    url = simulator.url
    simulator.stop()
    simulator.stop()
    with pytest.raises(httpx.ConnectError):
        ask(to=simulator)

    with simulator:
        assert simulator.url == url
        assert ask(to=simulator).status_code == 200


def test_a_taken_or_impossible_port_is_named():
    with Simulator() as first, pytest.raises(PortUnavailable, match=f"Port {first.port} on 127.0.0.1"):
        Simulator(port=first.port).start()
    with pytest.raises(PortUnavailable, match="Port 70000"):
        Simulator(port=70_000).start()


def test_it_listens_on_loopback_only(simulator):
    assert simulator.url.startswith("http://127.0.0.1:")


@pytest.mark.parametrize("speed", [-1, float("nan")])
def test_a_speed_that_makes_no_sense_is_refused(speed):
    with pytest.raises(OptionError):
        Simulator(speed=speed)
