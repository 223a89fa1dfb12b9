"""One LiteLLM proxy process for all tests: `composite-llm serve`, its spans going to a collector, its model calls
to the simulator of this process."""

import os
import signal
import subprocess
import sys
import uuid
from dataclasses import dataclass

import httpx
import pytest

from composite_llm.simulator import Simulator
from tests.collector.running import RunningCollector, running_collector, wait_until
from tests.proxy.relay import running_relay

KEY = "sk-canary-of-the-proxy-2f7d1c9e4b8a6350"
PROVIDER_KEY = "sk-canary-of-the-provider-9d3e5a7c1b2f8460"
GPT, MINI, SONNET = "sim/openai/gpt-4o", "sim/openai/gpt-4o-mini", "sim/anthropic/claude-sonnet-4-5"

CALLERS_SPAN = "b7ad6b7169203331"

CONFIG = """
model_list:
  - model_name: composite/*
    litellm_params: {{model: composite/*, allowed_openai_params: [reasoning_effort, thinking, verbosity]}}
  - model_name: panel
    litellm_params: {{model: composite/moa/{gpt}, proposers: [{mini}, {sonnet}]}}
  - model_name: impatient
    litellm_params: {{model: composite/direct/{gpt}, timeout: 0.2}}
  - model_name: keyed
    litellm_params: {{model: composite/direct/openai/gpt-4o, api_key: {provider_key}, api_base: "{url}"}}
  - model_name: modified
    litellm_params: {{model: composite/direct/{gpt}}}
  - model_name: limited
    litellm_params: {{model: composite/direct/{gpt}}}
  - model_name: limited-calls
    litellm_params: {{model: composite/moa/{gpt}, proposers: [{mini}, {sonnet}]}}
  - model_name: limited-usd
    litellm_params: {{model: composite/direct/{gpt}}}
  - model_name: plain-modified
    litellm_params: {{model: openai/gpt-4o, api_key: {provider_key}, api_base: "{url}"}}
  - model_name: plain-enhanced
    litellm_params: {{model: openai/gpt-4o-mini, api_key: {provider_key}, api_base: "{url}"}}
  - model_name: fast
    litellm_params: {{model: openai/gpt-4o-mini, api_key: {provider_key}, api_base: "{url}"}}
  - model_name: smart
    litellm_params: {{model: openai/gpt-4o, api_key: {provider_key}, api_base: "{url}"}}
  - model_name: panel-of-groups
    litellm_params: {{model: composite/moa/smart, proposers: [fast, smart]}}
  - model_name: half-known
    litellm_params: {{model: composite/moa/{gpt}, proposers: [sim/acme/unpriced]}}
  - model_name: replaced
    litellm_params: {{model: composite/direct/{gpt}, simulator: {{fault: "500"}}, composite: {{max_retries: 0}}}}
  - model_name: around
    litellm_params: {{model: composite/moa/{gpt}, proposers: [inside]}}
  - model_name: inside
    litellm_params: {{model: openai/panel, api_key: {key}, api_base: "{itself}"}}
  - model_name: gpt-4o
    litellm_params: {{model: composite/moa/{gpt}, proposers: [sim/acme/unpriced]}}
  - model_name: named-like-a-model
    litellm_params: {{model: openai/gpt-4o, api_key: {key}, api_base: "{itself}"}}
  - model_name: around-unknown
    litellm_params: {{model: composite/direct/named-like-a-model}}
  - model_name: endless
    litellm_params: {{model: composite/direct/back, composite: {{max_retries: 0, max_composite_depth: 2}}}}
  - model_name: back
    litellm_params: {{model: openai/endless, api_key: {key}, api_base: "{itself}"}}
router_settings: {{disable_cooldowns: true, fallbacks: [{{replaced: [plain-modified]}}]}}
litellm_settings:
  custom_provider_map: [{{provider: composite, custom_handler: composite_llm.proxy.hooks.provider}}]
  model_alias_map: {{renamed: composite/direct/{mini}}}
  callbacks: [heard.listener]
plugins:
  - {{name: modifier, suffix: " [modified]", models: [plain-modified, "composite/direct/sim/openai/gpt-4.1"]}}
  - {{name: enhance, model: {gpt}, models: [plain-enhanced]}}
  - {{name: rate_limit, requests_per_minute: 2, per: user, models: [limited]}}
  - {{name: rate_limit, calls_per_minute: 4, per: user, models: [limited-calls]}}
  - {{name: rate_limit, usd_per_day: 0.003, per: user, models: [limited-usd]}}
  - {{name: call_log, file: "{log}"}}
"""


HEARD = """
import json
from pathlib import Path
from litellm.integrations.custom_logger import CustomLogger

class Listener(CustomLogger):
    async def async_log_success_event(self, kwargs, response_obj, start_time, end_time):
        self.write(kwargs)

    async def async_log_failure_event(self, kwargs, response_obj, start_time, end_time):
        self.write(kwargs)

    def write(self, kwargs):
        record = kwargs["standard_logging_object"]
        told = {"cost": kwargs["response_cost"], "booked": record["response_cost"]}
        with Path(__file__).with_name("heard.jsonl").open("a") as file:
            print(json.dumps(told | {"id": kwargs["litellm_call_id"]}), file=file)

listener = Listener()
"""
"""A callback of the user's own, which keeps what LiteLLM tells it."""


@dataclass(frozen=True, slots=True)
class Proxy:
    url: str
    collector: RunningCollector
    models: Simulator
    folder: os.PathLike

    def trace(self, trace_id):
        """The spans of a request, by their start, once all of them have landed: the request's own ends last."""
        found = []

        def landed():
            found[:] = self.collector.ask("trace_spans", trace_id=trace_id)
            return any(span["parent_span_id"] == CALLERS_SPAN for span in found)

        wait_until(landed)
        return found

    def said(self):
        """All that the process has printed."""
        return (self.folder / "out").read_text() + (self.folder / "err").read_text()


@pytest.fixture(scope="session")
def itself():
    """A way to the proxy whose address its own configuration can name."""
    with running_relay() as relay:
        yield relay


@pytest.fixture(scope="session")
def proxy(tmp_path_factory, model_server, itself):
    folder = tmp_path_factory.mktemp("proxy")
    config = folder / "config.yaml"
    config.write_text(
        CONFIG.format(
            gpt=GPT,
            mini=MINI,
            sonnet=SONNET,
            provider_key=PROVIDER_KEY,
            url=model_server.url,
            log=folder / "calls.jsonl",
            key=KEY,
            itself=f"{itself.url}/v1",
        )
    )
    (folder / "heard.py").write_text(HEARD)
    with running_collector(folder / "data") as collector:
        process = started(folder, config, collector.url, model_server.url)
        try:
            url = itself.target = told_url(process, folder)
            yield Proxy(url, collector, model_server, folder)
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 0
        finally:
            process.kill()
            process.wait()


def started(folder, config, collector, simulator):
    environment = {
        **os.environ,
        "LITELLM_MASTER_KEY": KEY,
        "COMPOSITE_LLM_COLLECTOR": collector,
        "COMPOSITE_LLM_SIMULATOR": simulator,
        "COMPOSITE_LLM_DATA": str(folder / "data"),
    }
    with (folder / "out").open("w") as out, (folder / "err").open("w") as err:
        return subprocess.Popen(
            [sys.executable, "-m", "cli.main", "serve", str(config), "--port", "0"],
            env=environment,
            stdout=out,
            stderr=err,
        )


def told_url(process, folder):
    def printed():
        assert process.poll() is None, (folder / "err").read_text()[-2000:]
        return "Serving" in (folder / "out").read_text()

    wait_until(printed, seconds=300)
    [line] = [line for line in (folder / "out").read_text().splitlines() if "Serving" in line]
    return line.split(" at ")[1].split()[0]


@dataclass(frozen=True, slots=True)
class Caller:
    """A program that traces what it does."""

    trace_id: str

    @property
    def headers(self):
        return {"traceparent": f"00-{self.trace_id}-{CALLERS_SPAN}-01"}


@pytest.fixture
def caller():
    return Caller(uuid.uuid4().hex)


@pytest.fixture
def client(proxy):
    """OpenAI's client as anybody has it, without retries of its own."""
    from openai import OpenAI

    with OpenAI(base_url=f"{proxy.url}/v1", api_key=KEY, max_retries=0, http_client=httpx.Client()) as client:
        yield client


@pytest.fixture
def claude(proxy):
    """Anthropic's."""
    from anthropic import Anthropic

    with Anthropic(base_url=proxy.url, api_key=KEY, max_retries=0, http_client=httpx.Client()) as client:
        yield client
