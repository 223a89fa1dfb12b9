"""What a person may set from outside, one spelling each. Environment first, then `.env`, then defaults."""

import os
from dataclasses import dataclass, field
from pathlib import Path

DEFAULT_PROFILES = Path("profiles")

CONTENT_CHOICES = ("full", "redacted", "none")


@dataclass(frozen=True, slots=True)
class Settings:
    data: Path
    """Folder of `traces.duckdb` and `spool/`."""
    collector: str
    """URL programs send spans to and the dashboard asks."""
    content: str
    """`full` stores prompts and answers; `redacted` without keys, e-mail addresses, payment cards and what
    `redact` matches; `none` leaves them out of every span, and redacts the rest."""
    simulate: bool
    """True sends every model call to the offline simulator."""
    simulator: str
    """URL of a running simulator (`composite-llm simulate`); empty: each program starts its own."""
    profiles: tuple[Path, ...] = (DEFAULT_PROFILES,)
    """Files and folders of YAML profiles, beside the bundled ones."""
    cache: Path | None = None
    """Folder in which answers are kept for requests that ask for it; None: they are kept in memory alone."""
    plugins: Path | None = None
    """YAML file that lists plugins; None: only those a program installs."""
    unsafe_sandbox: bool = False
    """True lets a request that asks for the sandbox `unsafe_local` have it: code that models write, with all rights."""
    redact: Path | None = None
    """File of a user's own patterns to redact, one regular expression a line."""
    agent_cli: str = ""
    """The program behind `composer-cli/…` and arguments of its own; empty: Cursor's, where it is on the PATH."""
    agent_cli_env: tuple[str, ...] = ("CURSOR_API_KEY",)
    """Names of variables it is handed beside those that every program needs; a client's own key goes by the first."""
    agent_cli_at_once: int = 2
    open_dashboard: bool = False
    """True lets everybody look who reaches a dashboard that listens beyond this machine and asks for no login."""
    dashboard_users: tuple[str, ...] = ()
    """Addresses that may look once logged in, `ann@example.org` or `@example.org`; empty: all whom the provider knows."""
    store: str = field(default="", repr=False)
    """Address of a ClickHouse server that keeps the spans, password and all; empty: `traces.duckdb`."""
    token: str = field(default="", repr=False)
    """What the collector asks of every request, and programs and the dashboard send; empty: nothing."""


def load() -> Settings:
    """The settings now in force. Cheap; read at each use, so tests and notebooks may change them."""
    redact = os.environ.get("COMPOSITE_LLM_REDACT", "")
    plugins = os.environ.get("COMPOSITE_LLM_PLUGINS", "").strip()
    cache = os.environ.get("COMPOSITE_LLM_CACHE", "").strip()
    return Settings(
        data=Path(os.environ.get("COMPOSITE_LLM_DATA", "data")),
        collector=os.environ.get("COMPOSITE_LLM_COLLECTOR", "http://127.0.0.1:4318").rstrip("/"),
        content=content_choice(os.environ.get("COMPOSITE_LLM_CONTENT"), redact),
        simulate=_is_on("COMPOSITE_LLM_SIMULATE"),
        simulator=os.environ.get("COMPOSITE_LLM_SIMULATOR", "").rstrip("/"),
        profiles=_places(os.environ.get("COMPOSITE_LLM_PROFILES", "")) or (DEFAULT_PROFILES,),
        cache=Path(cache).expanduser() if cache else None,
        plugins=Path(plugins).expanduser() if plugins else None,
        unsafe_sandbox=_is_on("COMPOSITE_LLM_UNSAFE_SANDBOX"),
        redact=Path(redact) if redact else None,
        agent_cli=os.environ.get("COMPOSITE_LLM_AGENT_CLI", "").strip(),
        agent_cli_env=tuple(
            os.environ.get("COMPOSITE_LLM_AGENT_CLI_ENV", "CURSOR_API_KEY").replace(",", " ").split()
        ),
        agent_cli_at_once=_at_least_one(os.environ.get("COMPOSITE_LLM_AGENT_CLI_AT_ONCE", "2")),
        dashboard_users=tuple(os.environ.get("COMPOSITE_LLM_DASHBOARD_USERS", "").replace(",", " ").split()),
        open_dashboard=_is_on("COMPOSITE_LLM_OPEN_DASHBOARD"),
        store=os.environ.get("COMPOSITE_LLM_STORE", ""),
        token=os.environ.get("COMPOSITE_LLM_TOKEN", "").strip(),
    )


def _is_on(variable: str) -> bool:
    return os.environ.get(variable, "").lower() in {"1", "true", "yes", "on"}


def _places(listed: str) -> tuple[Path, ...]:
    return tuple(Path(place).expanduser() for place in listed.split(os.pathsep) if place.strip())


def _at_least_one(word: str) -> int:
    """1 for what is no number, too: a slip must not start more than was meant."""
    return max(1, int(word)) if word.strip().isdecimal() else 1


def read_dotenv() -> None:
    """Put the entries of the nearest `.env` into the environment, where not set already."""
    from dotenv import find_dotenv, load_dotenv

    load_dotenv(find_dotenv(usecwd=True))


def content_choice(word: str | None, redact: Path | str | None = None) -> str:
    """What a word stands for. An unknown one means `none`: a typing slip must not store prompts.

    Whoever gives patterns to redact and chooses nothing wants them used.
    """
    if not word:
        return "redacted" if redact else "full"
    chosen = word.strip().lower()
    return chosen if chosen in CONTENT_CHOICES else "none"
