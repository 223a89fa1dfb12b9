"""Starting LiteLLM's proxy in this process."""

import gc
import os
import signal
import socket
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec

import uvicorn
from starlette.types import ASGIApp

from composite_llm import host
from composite_llm.proxy.configuration import CannotServe, Configuration
from composite_llm.proxy.failed_cost import FailedCost
from composite_llm.proxy.key_check import KeyCheck
from composite_llm.proxy.local_only import LocalOnly

NEEDED = ("apscheduler", "backoff", "expression", "fastapi_sso", "nacl", "redis", "soundfile")
"""What the extra `proxy` brings."""
SECONDS_TO_FINISH = 10


def serve(config: Configuration, listener: socket.socket, announce: Callable[[], None]) -> None:
    """Answer until a signal comes. `announce` is called once the proxy answers. Raises CannotServe."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise CannotServe(f"the proxy needs {', '.join(missing)}: pip install 'composite-llm[proxy]'.")
    _set_environment(config)
    # uvicorn raises the signal again when it has finished; this lets spans leave before the process does.
    signal.signal(signal.SIGTERM, _exit)
    signal.signal(signal.SIGINT, _exit)
    # Loaded before LiteLLM loads it, since what is wrong with plugins reads better so.
    import_module("composite_llm.proxy.hooks")
    from litellm.proxy.proxy_server import app

    server = _Server(
        uvicorn.Config(
            _guarded(app, config),
            log_level="warning",
            timeout_graceful_shutdown=SECONDS_TO_FINISH,
        ),
        announce,
    )
    server.run(sockets=[listener])
    if not server.started:
        raise CannotServe("the proxy did not start; what it says above is why.")


def _guarded(app: ASGIApp, config: Configuration) -> ASGIApp:
    app = FailedCost(app)
    if not config.key:
        return LocalOnly(app)
    return KeyCheck(app, config.key) if config.only_key else app


def _set_environment(config: Configuration) -> None:
    """What LiteLLM and plugins read when they are loaded."""
    os.environ["CONFIG_FILE_PATH"] = str(config.file.absolute())
    if config.lists_plugins:
        os.environ.setdefault("COMPOSITE_LLM_PLUGINS", str(config.file.absolute()))
    if not config.key:
        os.environ["LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY"] = "true"


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            _complete_configuration()
            gc.freeze()  # all that LiteLLM has loaded stays; else looking through it makes up most of a Ctrl-C
            self._announce()


def _complete_configuration() -> None:
    """Once LiteLLM has read it."""
    from litellm.proxy import proxy_server

    host.set_up()  # what it may have replaced
    # Else all calls of an answer that nobody waits for any more run to their end, and are billed.
    proxy_server.general_settings.setdefault("cancel_on_disconnect", True)


def _exit(*_: object) -> None:
    raise SystemExit(0)
