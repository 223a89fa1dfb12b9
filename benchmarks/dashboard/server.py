"""A dashboard in front of a collector, and the Chromium on this machine looking at it."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from playwright.sync_api import BrowserContext, sync_playwright

from benchmarks.collector_process import collector_process

APP = Path(__file__).parents[2] / "dashboard" / "app.py"
PATIENCE = 120.0
"""Seconds until a server is given up."""
QUIET = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")


@dataclass(frozen=True, slots=True)
class Dashboard:
    url: str
    collector_url: str

    def land(self, bodies: Generator[bytes]) -> None:
        """OTLP bodies; returns when the last one is committed."""
        headers = {"content-type": "application/x-protobuf"}
        with httpx.Client(timeout=PATIENCE, headers=headers) as client:
            for body in bodies:
                client.post(f"{self.collector_url}/v1/traces", content=body).raise_for_status()


@contextmanager
def dashboard(data: Path | None = None) -> Generator[Dashboard]:
    """On a store of its own, or on the one in `data`."""
    with collector_process(data) as settings, socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        listener.close()
        ours = {"COMPOSITE_LLM_COLLECTOR": settings.collector, "COMPOSITE_LLM_DATA": str(settings.data)}
        process = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", str(APP), "--server.port", str(port)],
            env={**os.environ, "COMPOSITE_LLM_SAMPLES": "0", **ours},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            url = f"http://127.0.0.1:{port}"
            _wait(f"{url}/_stcore/health")
            yield Dashboard(url, settings.collector)
        finally:
            process.terminate()
            process.wait(60)


@contextmanager
def reader(width: int = 1280, height: int = 1000) -> Generator[BrowserContext]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(QUIET))
        context = browser.new_context(viewport={"width": width, "height": height})
        context.set_default_timeout(PATIENCE * 1000)
        yield context
        browser.close()


def _wait(url: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            if httpx.get(url).is_success:
                return
        except httpx.HTTPError:
            time.sleep(0.1)
    raise TimeoutError(f"{url} does not answer")
