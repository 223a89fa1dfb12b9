"""The sandbox `unsafe_local`: none. CPython in a process of its own with all the rights of whoever started it.

For machines without `locked`, and code somebody has read. It reads any file and talks to any server. It is not given
the environment with its keys, but can read that, too, of the process that started it.
"""

import logging
from collections.abc import Mapping

from composite_llm import settings
from composite_llm.sandbox.interface import HostFunction, Limits, SandboxUnavailable
from composite_llm.sandbox.locked import Cpython
from composite_llm.sandbox.session import ReplSession

log = logging.getLogger("composite_llm")


class UnsafeLocalSandbox:
    name = "unsafe_local"

    async def open(self, limits: Limits, host_functions: Mapping[str, HostFunction]) -> ReplSession:
        if not settings.load().unsafe_sandbox:
            raise SandboxUnavailable(
                "The sandbox 'unsafe_local' runs what a model writes with all your rights. If that is what you want, "
                "set COMPOSITE_LLM_UNSAFE_SANDBOX=1 as well; else use 'auto'."
            )
        log.warning("Code that a model writes is run without a sandbox (unsafe_local), with all rights.")
        interpreter = Cpython(self.name, limits, host_functions, unlocked=True)
        await interpreter.start()
        return ReplSession(interpreter, limits, host_functions)
