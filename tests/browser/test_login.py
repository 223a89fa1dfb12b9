"""A dashboard that other machines may reach: shut without a login, and open to who is on its list."""

import os
import sys
from contextlib import contextmanager

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import ROOT, _answers
from tests.browser.oidc_provider import CLIENT_ID, CLIENT_SECRET, provider_of
from tests.collector.running import CollectorProcess, child, free_port, wait_until

ANN = "ann@example.org"


@pytest.fixture(scope="module")
def collector(tmp_path_factory):
    with CollectorProcess(tmp_path_factory.mktemp("store")) as running:
        yield running


@contextmanager
def reachable_dashboard(collector, folder, secrets="", **environment):
    """One that listens on every address; its secrets are read from the home folder."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    (folder / ".streamlit").mkdir()
    if secrets:
        (folder / ".streamlit" / "secrets.toml").write_text(secrets.format(url=url))
    ours = {
        "HOME": str(folder),
        "COMPOSITE_LLM_COLLECTOR": collector.url,
        "COMPOSITE_LLM_DATA": str(collector.data),
        "COMPOSITE_LLM_SAMPLES": "0",
    }
    command = [sys.executable, "-m", "streamlit", "run", "dashboard/app.py", "--server.address", "0.0.0.0"]
    with (
        (folder / "streamlit.log").open("wb") as log,
        child(
            [*command, "--server.port", str(port)],
            cwd=ROOT,
            env={**os.environ, **ours, **environment},
            stdout=log,
            stderr=log,
        ) as process,
    ):
        wait_until(lambda: _answers(f"{url}/_stcore/health"))
        yield url
        process.terminate()
        process.wait(60)


def test_without_a_login_nobody_is_let_in(collector, tmp_path, visit):
    with reachable_dashboard(collector, tmp_path) as url:
        page = visit(f"{url}/diagnostics")

        expect(page.get_by_role("heading", name="Nobody is let in here")).to_be_visible()
        expect(page.get_by_text("listens on 0.0.0.0")).to_be_visible()
        expect(page.get_by_role("heading", name="Diagnostics")).to_have_count(0)


def test_who_is_on_the_list_logs_in_and_out_and_others_do_not(collector, tmp_path, visit):
    with provider_of(ANN) as provider:
        secrets = f"""
[auth]
redirect_uri = "{{url}}/oauth2callback"
cookie_secret = "only for this test"
client_id = "{CLIENT_ID}"
client_secret = "{CLIENT_SECRET}"
server_metadata_url = "{provider.url}/.well-known/openid-configuration"
"""
        assert httpx.get(f"{provider.url}/.well-known/openid-configuration").is_success
        with reachable_dashboard(
            collector, tmp_path, secrets, COMPOSITE_LLM_DASHBOARD_USERS="bob@example.org, ann@example.org"
        ) as url:
            page = visit(url)
            expect(page.get_by_text("No traces yet")).to_have_count(0)
            page.get_by_role("button", name="Log in").click()
            expect(page.get_by_text("No traces yet")).to_be_visible()
            expect(page.get_by_text(f"Logged in as {ANN}")).to_be_visible()
            page.get_by_role("button", name="Log out").click()
            expect(page.get_by_role("button", name="Log in")).to_be_visible()

            provider.email = "eve@example.org"
            page.get_by_role("button", name="Log in").click()
            expect(page.get_by_role("heading", name="Not for this account")).to_be_visible()
            expect(page.get_by_text("No traces yet")).to_have_count(0)
