"""Which plugins there are, by name; making and installing them, from code or from YAML."""

import importlib
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import litellm
import yaml
from pydantic import ValidationError

from composite_llm import settings
from composite_llm.plugins.plugin import Plugin

AnyPlugin = TypeVar("AnyPlugin", bound=type[Plugin])

_BUNDLED = ("call_log", "content_filter", "enhance", "modifier", "rate_limit", "request_log")
"""Modules of this package, each named like the plugin it holds."""
_known: dict[str, type[Plugin]] = {}


class BadPlugins(ValueError):
    """Plugins that cannot be used as they were described. Says which, and why."""


def plugin(name: str) -> Callable[[AnyPlugin], AnyPlugin]:
    """Make a class known by `name`."""

    def add(kind: AnyPlugin) -> AnyPlugin:
        kind.name = name
        _known[name] = kind
        return kind

    return add


def make(name: str, **given: Any) -> Plugin:
    """The plugin of that name: a bundled one, a registered one, or `package.module.Class`. Raises BadPlugins."""
    kind = _class(name)
    try:
        return kind(kind.Settings.model_validate(given))
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(map(str, problem['loc'])) or 'settings'}: {problem['msg']}"
            for problem in error.errors()
        )
        raise BadPlugins(f"plugin {name}: {problems}") from None


def install(*plugins: Plugin) -> None:
    """Let LiteLLM, and composites, call these in this order. A second time changes nothing."""
    litellm.callbacks = [*litellm.callbacks, *(each for each in plugins if each not in litellm.callbacks)]


def installed() -> Iterable[Plugin]:
    return (callback for callback in litellm.callbacks if isinstance(callback, Plugin))


def read_plugins(file: Path) -> list[Plugin]:
    """What a YAML file lists under `plugins:`, each entry with a `name` and its settings. Raises BadPlugins."""
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadPlugins(f"{file} cannot be read: {error.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadPlugins(f"{file} is no YAML: {error}") from None
    entries = content.get("plugins") if isinstance(content, Mapping) else None
    if not isinstance(entries, list):
        raise BadPlugins(f"{file} has no list under plugins:")
    return [_made(file, number, entry) for number, entry in enumerate(entries, 1)]


def install_from_settings() -> None:
    """What the file lists that `COMPOSITE_LLM_PLUGINS` names; each time the same objects. Raises BadPlugins."""
    if file := settings.load().plugins:
        install(*_read_once(file))


@cache
def _read_once(file: Path) -> list[Plugin]:
    return read_plugins(file)


def _made(file: Path, number: int, entry: Any) -> Plugin:
    where = f"{file}: plugin {number}"
    if not isinstance(entry, Mapping) or not isinstance(entry.get("name"), str):
        raise BadPlugins(f"{where} has no name; write: - name: content_filter")
    try:
        return make(**{str(key): value for key, value in entry.items()})
    except BadPlugins as error:
        raise BadPlugins(f"{where}: {error}") from None


def _class(name: str) -> type[Plugin]:
    if name in _BUNDLED:
        importlib.import_module(f"composite_llm.plugins.{name}")
    if name in _known:
        return _known[name]
    module, _, attribute = name.rpartition(".")
    if not module:
        raise BadPlugins(_no_such(name))
    try:
        kind = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise BadPlugins(f"plugin {name} cannot be loaded: {error}") from None
    if not (isinstance(kind, type) and issubclass(kind, Plugin)):
        raise BadPlugins(f"{name} is no subclass of composite_llm.plugins.Plugin")
    kind.name = kind.name or name
    return kind


def _no_such(name: str) -> str:
    known = sorted({*_BUNDLED, *_known})
    near = get_close_matches(name, known, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return (
        f"there is no plugin named {name!r}.{hint} Known: {', '.join(known)}; or write package.module.Class"
    )
