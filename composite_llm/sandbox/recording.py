"""What host functions answered, kept so that the same code, run again, asks nobody twice."""

import functools
import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from composite_llm.sandbox.interface import HostFunction, ToldToCode


class ReplayStrayed(Exception):
    """Code that is run again asks what it did not ask before."""


@dataclass(slots=True)
class Journal:
    """The outcomes of one cell's calls: by what was asked, in order, a value or what was raised."""

    outcomes: defaultdict[str, list[Any]] = field(default_factory=lambda: defaultdict[str, list[Any]](list))


@dataclass(slots=True)
class Recorder:
    """The host functions, with a memory. `record`, `replay` or `resume` says what it does from then on."""

    host_functions: Mapping[str, HostFunction]
    made: int = 0
    """Calls that went through since then."""
    _journal: Journal | None = None
    _known: dict[str, list[Any]] = field(default_factory=dict[str, list[Any]])
    _strict: bool = False

    def record(self, journal: Journal | None) -> None:
        """Calls go through, and into `journal`."""
        self._journal, self._known, self._strict, self.made = journal, {}, False, 0

    def replay(self, journal: Journal) -> None:
        """No call goes through."""
        self.record(None)
        self._known, self._strict = _copied(journal), True

    def resume(self, journal: Journal) -> None:
        """What is known is answered from `journal`; further calls go through, and into it."""
        self.record(journal)
        self._known = _copied(journal)

    @property
    def functions(self) -> dict[str, HostFunction]:
        return {name: self._remembering(name, function) for name, function in self.host_functions.items()}

    def _remembering(self, name: str, function: HostFunction) -> HostFunction:
        @functools.wraps(function)
        async def call(*args: Any, **kwargs: Any) -> Any:
            key = _key(name, args, kwargs)
            if known := self._known.get(key):
                outcome = known.pop(0)
            elif self._strict:
                raise ReplayStrayed(name)
            else:
                outcome = await self._through(key, function(*args, **kwargs))
            if isinstance(outcome, ToldToCode):
                raise outcome
            return outcome

        return call

    async def _through(self, key: str, call: Any) -> Any:
        self.made += 1
        try:
            outcome = await call
        except ToldToCode as told:
            outcome = told
        if self._journal is not None:
            self._journal.outcomes[key].append(outcome)
        return outcome


def _copied(journal: Journal) -> dict[str, list[Any]]:
    return {key: list(outcomes) for key, outcomes in journal.outcomes.items()}


def _key(name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> str:
    """Short, since a call may be about a million characters."""
    asked = json.dumps([name, args, kwargs], sort_keys=True)
    return hashlib.sha256(asked.encode()).hexdigest()
