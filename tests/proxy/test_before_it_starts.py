"""What `composite-llm serve` refuses before it loads LiteLLM, and whom a proxy without a key lets in."""

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from typer.testing import CliRunner

from cli.main import app
from composite_llm.proxy.configuration import EXAMPLE, CannotServe, read_configuration
from composite_llm.proxy.local_only import LocalOnly


@pytest.fixture
def keyless(monkeypatch):
    monkeypatch.delenv("LITELLM_MASTER_KEY", raising=False)


def test_beyond_this_machine_it_needs_a_key(keyless, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    refused = CliRunner().invoke(app, ["serve", "--host", "0.0.0.0", "--port", "0"])

    assert refused.exit_code == 2
    assert "Set LITELLM_MASTER_KEY" in " ".join(refused.output.split())


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("model_list: {}", "has no model_list"),
        ("model_list: [", "is no YAML"),
        (
            "model_list: []\nlitellm_settings: {callbacks: mine.handler}",
            "litellm_settings.callbacks must be a list: else LiteLLM drops all plugins",
        ),
        ("model_list: [{model_name: x}]", r"model_list\[0\] has no litellm_params with a model"),
    ],
)
def test_a_configuration_that_is_wrong_says_where(keyless, tmp_path, text, complaint):
    file = tmp_path / "config.yaml"
    file.write_text(text)

    with pytest.raises(CannotServe, match=complaint):
        read_configuration(file)


def test_the_key_is_the_environments_or_the_files_own(keyless, tmp_path, monkeypatch):
    file = tmp_path / "config.yaml"
    file.write_text("model_list: []\ngeneral_settings: {master_key: os.environ/MY_KEY}\n")
    assert read_configuration(file).key == ""
    monkeypatch.setenv("MY_KEY", "sk-mine")

    assert read_configuration(file).key == "sk-mine"
    assert "sk-mine" not in repr(read_configuration(file))
    assert read_configuration(EXAMPLE).key == ""


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"host": "127.0.0.1:4000"}, 200),
        ({"host": "localhost:4000", "origin": "http://localhost:3000"}, 200),
        ({"host": "[::1]:4000"}, 200),
        ({"host": "127.0.0.1:4000", "origin": "https://evil.example"}, 403),
        ({"host": "127.0.0.1:4000", "origin": "null"}, 403),
        ({"host": "rebound.example:4000"}, 403),
    ],
)
def test_without_a_key_only_this_machine_may_call(headers, status):
    inside = Starlette(routes=[Route("/", lambda _: PlainTextResponse("in"))])
    with TestClient(LocalOnly(inside)) as client:
        assert client.get("/", headers=headers).status_code == status
