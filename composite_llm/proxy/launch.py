"""Starting LiteLLM's proxy in this process."""

import os
import signal
import socket
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import uvicorn
import yaml

from composite_llm.proxy.local_only import LocalOnly

EXAMPLE = Path(__file__).with_name("example.yaml")
NEEDED = ("apscheduler", "backoff", "expression", "fastapi_sso", "redis", "soundfile")
"""What the extra `proxy` brings."""
SECONDS_TO_FINISH = 10


class CannotServe(Exception):
    """The proxy cannot start like this. Says what to change."""


def check_config(config: Path) -> bool:
    """True when every request will need a key. Raises CannotServe for a file the proxy could not use."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise CannotServe(f"the proxy needs {', '.join(missing)}: pip install 'composite-llm[proxy]'.")
    return bool(os.environ.get("LITELLM_MASTER_KEY") or _key_in(_read(config)))


def _read(config: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(config.read_text(encoding="utf-8"))
    except OSError as error:
        raise CannotServe(f"{config} cannot be read: {error.strerror}.") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise CannotServe(f"{config} is no YAML: {error}") from None
    if not isinstance(content, dict) or not content.get("model_list"):
        raise CannotServe(f"{config} has no model_list. Start from a copy of {EXAMPLE}.")
    return content


def _key_in(content: dict[str, Any]) -> str:
    """The config's own key, itself or the variable that holds it."""
    key = str((content.get("general_settings") or {}).get("master_key") or "")
    prefix = "os.environ/"
    return os.environ.get(key.removeprefix(prefix), "") if key.startswith(prefix) else key


def serve(config: Path, listener: socket.socket, *, keyed: bool, announce: Callable[[], None]) -> None:
    """Answer until a signal comes. `announce` is called once the proxy answers."""
    os.environ["CONFIG_FILE_PATH"] = str(config.absolute())
    if not keyed:
        os.environ["LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY"] = "true"
    # uvicorn raises the signal again when it has finished; this lets spans leave before the process does.
    signal.signal(signal.SIGTERM, _exit)
    signal.signal(signal.SIGINT, _exit)
    from litellm.proxy.proxy_server import app

    server = _Server(
        uvicorn.Config(
            app if keyed else LocalOnly(app),
            log_level="warning",
            timeout_graceful_shutdown=SECONDS_TO_FINISH,
        ),
        announce,
    )
    server.run(sockets=[listener])
    if not server.started:
        raise CannotServe("the proxy did not start; what it says above is why.")


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._announce()


def _exit(*_: object) -> None:
    raise SystemExit(0)
