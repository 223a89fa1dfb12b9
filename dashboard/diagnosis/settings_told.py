"""The settings in force here, and where each comes from. Never a secret: of those only whether they are set."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from dotenv import dotenv_values, find_dotenv

from composite_llm import settings

SECRET = "set, and not shown"


@dataclass(frozen=True, slots=True)
class Told:
    variable: str
    value: str
    source: str
    """environment | .env | default"""
    meaning: str


def told_settings(environment: Mapping[str, str] | None = None) -> list[Told]:
    given = os.environ if environment is None else environment
    written = dotenv_values(find_dotenv(usecwd=True))
    now = settings.load()
    shown = {
        "COMPOSITE_LLM_DATA": (str(now.data.absolute()), "Folder of the store, the spool and prices.yaml."),
        "COMPOSITE_LLM_COLLECTOR": (
            _without_password(now.collector),
            "Where programs send spans, and what this asks.",
        ),
        "COMPOSITE_LLM_CONTENT": (
            now.content,
            "What is kept of prompts and answers: full, redacted or none.",
        ),
        "COMPOSITE_LLM_SIMULATE": ("on" if now.simulate else "off", "Whether all models are simulated."),
        "COMPOSITE_LLM_SIMULATOR": (
            _without_password(now.simulator) or "its own",
            "The simulator that answers.",
        ),
        "COMPOSITE_LLM_PROFILES": (", ".join(map(str, now.profiles)), "Where profiles are read from."),
        "COMPOSITE_LLM_CACHE": (
            str(now.cache or "in memory"),
            "Where answers are kept for requests that ask for it.",
        ),
        "COMPOSITE_LLM_PLUGINS": (str(now.plugins or "none"), "The file that lists plugins."),
        "COMPOSITE_LLM_REDACT": (str(now.redact or "none"), "Patterns of your own to redact."),
        "COMPOSITE_LLM_UNSAFE_SANDBOX": (
            "on" if now.unsafe_sandbox else "off",
            "Whether a request may run what models write with all rights.",
        ),
        "COMPOSITE_LLM_DASHBOARD_USERS": (
            ", ".join(now.dashboard_users) or "all who log in",
            "Who may look once logged in.",
        ),
        "COMPOSITE_LLM_OPEN_DASHBOARD": (
            "on" if now.open_dashboard else "off",
            "Whether it is shown beyond this machine without a login.",
        ),
        "COMPOSITE_LLM_STORE": (
            SECRET if now.store else "traces.duckdb",
            "A ClickHouse server in place of the file.",
        ),
        "COMPOSITE_LLM_TOKEN": (SECRET if now.token else "none", "What the collector asks of every request."),
    }
    return [
        Told(variable, value, _source(variable, given, written), meaning)
        for variable, (value, meaning) in shown.items()
    ]


def _source(variable: str, given: Mapping[str, str], written: Mapping[str, str | None]) -> str:
    if not given.get(variable):
        return "default"
    return ".env" if written.get(variable) == given[variable] else "environment"


def _without_password(url: str) -> str:
    """`http://…@host` of an address with credentials in it."""
    scheme, slashes, rest = url.partition("://")
    place, slash, path = rest.partition("/")
    if "@" not in place:
        return url
    return f"{scheme}{slashes}…@{place.rpartition('@')[2]}{slash}{path}"
