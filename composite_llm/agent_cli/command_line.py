"""How an agent CLI is started: its arguments, and the little it sees of our environment.

The prompt is no argument: every user of a machine can read those, and the system limits how long they are.
"""

import os
from collections.abc import Mapping, Sequence

from composite_llm import settings

PASSED = (
    *("PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "TZ"),
    *("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"),
    *(
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "NO_PROXY",
        "http_proxy",
        "https_proxy",
        "all_proxy",
        "no_proxy",
    ),
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS"),
)
"""What it needs to run, to find its login and to reach its servers. Keys only where the settings name them."""


def arguments(model: str, folder: str) -> Sequence[str]:
    """`ask` mode, in which the CLI neither edits nor runs commands; `--trust` only means not to ask about the
    folder, without which it refuses to start where nobody can answer."""
    return (
        "-p",
        *("--output-format", "stream-json", "--stream-partial-output"),
        *("--mode", "ask", "--trust", "--workspace", folder),
        *("--model", model),
    )


def environment(api_key: str | None) -> Mapping[str, str]:
    """`api_key`, where the client brought one, stands in the place of ours."""
    keys = settings.load().agent_cli_env
    named = {name: os.environ[name] for name in (*PASSED, *keys) if name in os.environ}
    own = {keys[0]: api_key} if api_key and keys else {}
    return {**named, "NO_COLOR": "1", **own}


def secrets(environment: Mapping[str, str]) -> Sequence[str]:
    """What of it must not be repeated in an error."""
    return [environment[name] for name in settings.load().agent_cli_env if name in environment]
