"""A proxy's `config.yaml`, looked through before LiteLLM takes ten seconds to load."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

EXAMPLE = Path(__file__).with_name("example.yaml")
OF_THE_ENVIRONMENT = "os.environ/"
"""How LiteLLM's configuration names a variable."""


class CannotServe(Exception):
    """The proxy cannot start like this. Says what to change."""


@dataclass(frozen=True, slots=True)
class Configuration:
    file: Path
    key: str = field(repr=False)
    """What every request has to bring; empty: nothing."""
    lists_plugins: bool
    only_key: bool
    """No other key can be right: there is no database of them, and no check of the user's own."""


def read_configuration(file: Path) -> Configuration:
    """Raises CannotServe for a file the proxy could not use."""
    content = _content(file)
    general = content.get("general_settings") or {}
    others = general.get("custom_auth") or general.get("database_url") or os.environ.get("DATABASE_URL")
    return Configuration(file, _key(general), isinstance(content.get("plugins"), list), not others)


def _content(file: Path) -> Mapping[str, Any]:
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise CannotServe(f"{file} cannot be read: {error.strerror}.") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise CannotServe(f"{file} is no YAML: {error}") from None
    if not isinstance(content, dict) or not isinstance(content.get("model_list"), list):
        raise CannotServe(f"{file} has no model_list. Start from a copy of {EXAMPLE}.")
    for number, entry in enumerate(content["model_list"]):
        parameters = entry.get("litellm_params") if isinstance(entry, dict) else None
        if not isinstance(parameters, dict) or not parameters.get("model"):
            raise CannotServe(f"{file}: model_list[{number}] has no litellm_params with a model.")
    callbacks = (content.get("litellm_settings") or {}).get("callbacks")
    if callbacks is not None and not isinstance(callbacks, list):
        raise CannotServe(
            f"{file}: litellm_settings.callbacks must be a list: else LiteLLM drops all plugins."
        )
    return content


def _key(general: Mapping[str, Any]) -> str:
    """The environment's, or the config's own: itself or the variable that holds it."""
    key = str(general.get("master_key") or "")
    if key.startswith(OF_THE_ENVIRONMENT):
        key = os.environ.get(key.removeprefix(OF_THE_ENVIRONMENT), "")
    return os.environ.get("LITELLM_MASTER_KEY", "") or key
