"""One profile out of a file: usable, or the problems that keep it from being so."""

import re
from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from litellm.constants import DEFAULT_CHAT_COMPLETION_PARAM_VALUES

from composite_llm.errors import BadRequest
from composite_llm.profiles.document import Document, Problem
from composite_llm.profiles.profile import Profile
from composite_llm.request.asked import wrong_parameter
from composite_llm.request.findings import Finding, Unusable, validated
from composite_llm.request.given import Names, known_names, split
from composite_llm.request.route import COMPOSITE_PREFIX, HIJACKED, named
from composite_llm.strategies import STRATEGIES, Strategy

_HEAD = ("description", "strategy", "model")
_NAME = re.compile(r"[A-Za-z0-9][\w.-]*")
_RESERVED = ("profile", "responses")
"""LiteLLM keeps `composite/responses/…` for its bridge to another API."""

_NOT_WRITTEN_DOWN = {"messages", "model", "stream", "stream_options", "metadata", "max_retries"}
_FOR_THE_ANSWER = DEFAULT_CHAT_COMPLETION_PARAM_VALUES.keys() - _NOT_WRITTEN_DOWN
"""What a profile may ask of the final answer, such as `temperature`; the rest is each call's own."""

Outcome = Profile | list[Problem]


def read_profile(document: Document, name: str, data: Any, folder: Path, *, bundled: bool = False) -> Outcome:
    """What `document` holds under that name. `folder`: where relative names of prompt files start."""
    return _Reader(document, name, folder, bundled).read(data)


class _Reader:
    """One profile's way from data to a Profile."""

    def __init__(self, document: Document, name: str, folder: Path, bundled: bool) -> None:
        self._document = document
        self._name = name
        self._folder = folder
        self._bundled = bundled

    def read(self, data: Any) -> Outcome:
        try:
            return self._profile(data)
        except _Wrong as wrong:
            return [
                self._document.problem(("profiles", self._name, *path), said) for path, said in wrong.said
            ]

    def _profile(self, data: Any) -> Profile:
        self._check_name()
        if not isinstance(data, dict):
            raise _Wrong((), "must hold `strategy:` or `steps:` and what goes with it")
        head = {name: data[name] for name in _HEAD if name in data}
        rest = {str(name): value for name, value in data.items() if name not in _HEAD}
        base_model, description = (_text(head, name) for name in ("model", "description"))
        strategy = self._strategy(head, has_steps="steps" in rest)
        base_model = strategy.base_model(base_model)
        ours, client = _sorted(strategy, rest)
        if wrong := wrong_parameter(client):
            raise _Wrong((wrong[0],), _after_its_name(*wrong))
        try:
            given = split(strategy, ours, client, self._folder)
            parameters, options = validated(strategy, given)
        except Unusable as error:
            raise _Wrong.of(error.findings) from None
        except BadRequest as error:
            raise _Wrong(
                ("prompts",), str(error).removeprefix(f"{strategy.name}: ").removesuffix(".")
            ) from None
        profile = Profile(
            name=self._name,
            description=description,
            strategy=strategy,
            base_model=base_model,
            given=given,
            parameters=parameters,
            options=options,
            file=self._document.file,
            line=self._document.line_of(("profiles", self._name)),
            bundled=self._bundled,
        )
        _check_models(profile)
        return profile

    def _check_name(self) -> None:
        if not _NAME.fullmatch(self._name):
            raise _Wrong((), "a name is letters, digits, `-`, `_` and `.`")
        if self._name in STRATEGIES or self._name in _RESERVED:
            raise _Wrong((), f"{self._name!r} means something else already; choose another name")
        if word := next((word for word in HIJACKED if word in self._name), None):
            raise _Wrong(
                (), f"LiteLLM sends any model with {word!r} in its name elsewhere; choose another name"
            )

    def _strategy(self, head: Mapping[str, Any], *, has_steps: bool) -> Strategy:
        own_steps = STRATEGIES.get(_text(head, "strategy"))
        if own_steps and own_steps.name != "graph" and "steps" in own_steps.parameters.model_fields:
            return own_steps
        if ("strategy" in head) == has_steps:
            raise _Wrong((), "needs either `strategy:`, one of the strategies, or `steps:`, its own")
        if has_steps:
            return replace(STRATEGIES["graph"], name=self._name)
        name = _text(head, "strategy")
        if name not in STRATEGIES:
            raise _Wrong(("strategy",), f"there is no strategy {name!r}{_hint(name, sorted(STRATEGIES))}")
        return STRATEGIES[name]


Said = list[tuple[tuple[str | int, ...], str]]


class _Wrong(Exception):
    """What is wrong with one profile: paths inside it, and what is said of each."""

    def __init__(self, path: tuple[str | int, ...], message: str) -> None:
        super().__init__(message)
        self.said: Said = [(path, message)]

    @classmethod
    def of(cls, findings: list[Finding]) -> "_Wrong":
        wrong = cls((), "")
        wrong.said = [(finding.path, finding.said) for finding in findings]
        return wrong


def _sorted(strategy: Strategy, rest: Names) -> tuple[Names, Names]:
    """What is for the strategy and the engine, and what for the final call; other names are slips."""
    known = known_names(strategy)
    wrong = _Wrong((), "")
    wrong.said = [
        ((name,), f"there is no parameter {name!r}{_hint(name, [*known, *sorted(_FOR_THE_ANSWER)])}")
        for name in rest
        if name not in known and name not in _FOR_THE_ANSWER
    ]
    if wrong.said:
        raise wrong
    return (
        {name: value for name, value in rest.items() if name in known},
        {name: value for name, value in rest.items() if name not in known},
    )


def _check_models(profile: Profile) -> None:
    """Every model has a name, and LiteLLM knows its provider."""
    fallbacks = [model for chain in profile.options.fallbacks.values() for model in chain]
    baseline = [profile.options.baseline.model] if profile.options.baseline else []
    for model in [*profile.parameters.models(profile.base_model), *fallbacks, *baseline]:
        if not model:
            raise _Wrong(("model",), "is missing: name the base model, such as openai/gpt-4o")
        try:
            if not model.startswith(COMPOSITE_PREFIX):
                named(model)
        except BadRequest as error:
            said = (
                f"{error} A Router's model group can stand in its deployments and in calls, not in a profile."
            )
            raise _Wrong(_where(profile, model), said if "/" not in model else str(error)) from None


def _where(profile: Profile, model: str) -> tuple[str | int, ...]:
    """The field that names `model`."""
    for names in (profile.given.own, profile.given.options):
        for name, value in names.items():
            if value == model or model in str(value):
                return (name,)
    return ("model",)


def _after_its_name(name: str, sentence: str) -> str:
    """The place is told beside it."""
    return re.sub(rf"^{re.escape(name)}:? ", "", sentence)


def _text(head: Mapping[str, Any], name: str) -> str:
    value = head.get(name, "")
    if not isinstance(value, str):
        raise _Wrong((name,), f"must be text, not {value!r:.80}")
    return value.strip()


def _hint(name: str, known: list[str]) -> str:
    near = get_close_matches(name, known, n=1, cutoff=0.6)
    return f"; did you mean {near[0]!r}?" if near else f"; known are {', '.join(known)}"
