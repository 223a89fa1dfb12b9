"""What a person may set from outside, one spelling each. Environment first, then `.env`, then defaults."""

import os
from dataclasses import dataclass
from pathlib import Path

CONTENT_CHOICES = ("full", "none")


@dataclass(frozen=True, slots=True)
class Settings:
    data: Path
    """Folder of `traces.duckdb` and `spool/`."""
    collector: str
    """URL programs send spans to and the dashboard asks."""
    content: str
    """`full` stores prompts and answers; `none` leaves them out of every span."""
    simulate: bool
    """True sends every model call to the offline simulator."""
    simulator: str
    """URL of a running simulator (`composite-llm simulate`); empty: each program starts its own."""


def load() -> Settings:
    """The settings now in force. Cheap; read at each use, so tests and notebooks may change them."""
    return Settings(
        data=Path(os.environ.get("COMPOSITE_LLM_DATA", "data")),
        collector=os.environ.get("COMPOSITE_LLM_COLLECTOR", "http://127.0.0.1:4318").rstrip("/"),
        content=_content(os.environ.get("COMPOSITE_LLM_CONTENT", "full")),
        simulate=os.environ.get("COMPOSITE_LLM_SIMULATE", "").lower() in {"1", "true", "yes", "on"},
        simulator=os.environ.get("COMPOSITE_LLM_SIMULATOR", "").rstrip("/"),
    )


def read_dotenv() -> None:
    """Put the entries of the nearest `.env` into the environment, where not set already."""
    from dotenv import find_dotenv, load_dotenv

    load_dotenv(find_dotenv(usecwd=True))


def _content(value: str) -> str:
    """An unknown word means `none`: a typing slip must not store prompts."""
    return value if value in CONTENT_CHOICES else "none"
