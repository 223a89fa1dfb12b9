"""What a caller gave, sorted by whose it is, and laid over what was given before.

A profile, a Router's deployment and a call each give the same kinds of things; the later wins.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from litellm.constants import DEFAULT_CHAT_COMPLETION_PARAM_VALUES

from composite_llm.errors import BadRequest
from composite_llm.request.options import ONLY_NESTED, Options
from composite_llm.request.prompts import UnreadablePrompt, with_texts
from composite_llm.strategies.registry import STRATEGIES, Strategy

Names = dict[str, Any]

_MERGED = ("budget", "prompts", "baseline")
"""Given twice, these are merged entry by entry; of everything else the later one holds."""

_LIMITS_ALONE = ("max_cost_usd", "max_calls")


@dataclass(frozen=True, slots=True)
class Given:
    own: Names = field(default_factory=Names)
    """Parameters of the strategy."""
    options: Names = field(default_factory=Names)
    client: Names = field(default_factory=Names)
    """What is asked of the answer: for the final call."""

    def under(self, later: "Given") -> "Given":
        """This, with `later` laid over it."""
        return Given(
            self.own | later.own, _options_under(self.options, later.options), self.client | later.client
        )


def sort_out(strategy: Strategy, parameters: Mapping[str, Any], folder: Path | None) -> Given:
    """Whose each of LiteLLM's `optional_params` is. `folder`: where relative names of prompt files start.

    The strategy's own and the options may stand at the top level, in `composite={...}` or in
    `optional_params={...}`. Raises BadRequest.
    """
    client = {name: value for name, value in parameters.items() if name not in ONLY_NESTED}
    ours: Names = {}
    for nested in ("optional_params", "composite"):
        ours |= _mapping(nested, client.pop(nested, None))
    ours |= {name: client.pop(name) for name in known_names(strategy) if name in client}
    for name in strategy.parameters.only_in_profiles if folder is None else ():
        if name in ours:
            raise BadRequest(
                f"{name} may be written in profiles only: they may run tools. Call a profile by its name."
            )
    for name in client.keys() - DEFAULT_CHAT_COMPLETION_PARAM_VALUES.keys():
        _refuse_a_slip(strategy, name)
    return split(strategy, ours, client, folder)


def split(strategy: Strategy, ours: Names, client: Names, folder: Path | None) -> Given:
    """`ours` into parameters and options, with prompts read out of their files. Raises BadRequest."""
    options = {name: ours[name] for name in option_names(strategy) & ours.keys()}
    own = {name: value for name, value in ours.items() if name not in options}
    try:
        if "prompts" in options:
            options["prompts"] = with_texts(options["prompts"], folder, everywhere=True)
        if "steps" in own:
            own["steps"] = with_texts(own["steps"], folder)
    except UnreadablePrompt as error:
        raise BadRequest(f"{strategy.name}: {error}.") from None
    return Given(own, options, client)


def option_names(strategy: Strategy) -> set[str]:
    """A strategy's own parameter goes before an option of the same name."""
    return Options.model_fields.keys() - strategy.parameters.model_fields.keys()


def known_names(strategy: Strategy) -> list[str]:
    return [*strategy.parameters.model_fields, *sorted(option_names(strategy))]


def _options_under(earlier: Names, later: Names) -> Names:
    merged = _without_replaced_limits(earlier, later) | later
    for name in _MERGED:
        below, above = earlier.get(name), later.get(name)
        if isinstance(below, dict) and isinstance(above, dict):
            merged[name] = {**_without_replaced_limits(earlier, later)[name], **above}
    return merged


def _without_replaced_limits(earlier: Names, later: Names) -> Names:
    """A limit has two spellings, alone and in the budget: the later one replaces either."""
    budget = later["budget"] if isinstance(later.get("budget"), dict) else {}
    replaced = {name for name in _LIMITS_ALONE if name in later or name in budget}
    kept = {name: value for name, value in earlier.items() if name not in replaced}
    if isinstance(kept.get("budget"), dict):
        kept["budget"] = {name: value for name, value in kept["budget"].items() if name not in replaced}
    return kept


def _mapping(name: str, value: Any) -> Names:
    if not isinstance(value, dict | None):
        raise BadRequest(f"{name} must be a dict of the strategy's parameters, not {value!r:.80}.")
    return {str(key): entry for key, entry in (value or {}).items()}


def _refuse_a_slip(strategy: Strategy, name: str) -> None:
    """A name no provider can know must not be sent to one after the members have been paid."""
    if near := get_close_matches(name, known_names(strategy), n=1, cutoff=0.8):
        raise BadRequest(f"{strategy.name} has no parameter {name!r}. Did you mean {near[0]!r}?")
    owners = [other.name for other in STRATEGIES.values() if name in other.parameters.model_fields]
    if owners:
        known = ", ".join(strategy.parameters.model_fields) or "none"
        raise BadRequest(f"{strategy.name} has no parameter {name!r}; {owners[0]} has. Its own are: {known}.")
