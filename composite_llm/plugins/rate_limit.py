"""`rate_limit`: how much one key or user may use through a proxy.

LiteLLM's own limits count requests and need a database for keys; one composite request may be dozens of calls.
Counted in this process alone and from its start: with several workers or machines each counts its own, so that
together they let through as many times the limit; the refusal says so, too. Put shared limits in front of them.
"""

import time
from collections import OrderedDict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import litellm
from pydantic import Field

from composite_llm.plugins.plugin import Exchange, Plugin, Settings, Summary
from composite_llm.plugins.registry import plugin

MINUTE, DAY = 60.0, 86_400.0
MOST_KNOWN = 10_000
"""Keys and users that are kept count of; beyond that the one longest away is forgotten."""


class RateLimitSettings(Settings):
    per: Literal["key", "user"] = "key"
    """`user`: whom the request names in `user`, else whose key it is."""
    requests_per_minute: int | None = Field(None, ge=1)
    calls_per_minute: int | None = Field(None, ge=1)
    """Model calls of composites, attempts included; known when they have ended."""
    usd_per_day: float | None = Field(None, gt=0)
    """Known costs of the last 24 hours."""


class Window:
    """What was used in the last so many seconds."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._used: deque[tuple[float, float]] = deque()

    def add(self, amount: float) -> None:
        self._used.append((time.monotonic(), amount))

    def seconds_until_below(self, limit: float | None) -> float:
        """0 when there is room now, else how long until enough of it is past."""
        now = time.monotonic()
        while self._used and self._used[0][0] <= now - self._seconds:
            self._used.popleft()
        used = sum(amount for _, amount in self._used)
        if limit is None or used < limit:
            return 0.0
        for moment, amount in self._used:
            used -= amount
            if used < limit:
                return moment + self._seconds - now
        return self._seconds


@dataclass(slots=True)
class Account:
    """What one key or user has used lately."""

    requests: Window = field(default_factory=lambda: Window(MINUTE))
    calls: Window = field(default_factory=lambda: Window(MINUTE))
    usd: Window = field(default_factory=lambda: Window(DAY))


@plugin("rate_limit")
class RateLimit(Plugin):
    Settings = RateLimitSettings

    def __init__(self, settings: RateLimitSettings) -> None:
        super().__init__(settings)
        self._accounts: OrderedDict[str, Account] = OrderedDict()

    async def async_pre_call_hook(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, user_api_key_dict: Any, cache: Any, data: dict[str, Any], call_type: str
    ) -> None:
        """The proxy calls this for every request, before anything else."""
        model = str(data.get("model", ""))
        if not self.applies_to(model):
            return
        known = {"key": user_api_key_dict.api_key, "user": user_api_key_dict.user_id}
        whose = self._whose({**known, "end_user": user_api_key_dict.end_user_id or data.get("user")})
        account = self._account(whose)
        for what, window in (("requests_per_minute", account.requests), *_later(account)):
            limit = getattr(self.settings, what)
            if wait := window.seconds_until_below(limit):
                raise _too_many(f"{what} is {limit:g} for each {self.settings.per}", wait, model)
        account.requests.add(1.0)
        self._note(data, whose)

    def on_end(self, exchange: Exchange, summary: Summary) -> None:
        noted = exchange.metadata.get(self._noted_as)
        names = {
            "key": "user_api_key",
            "user": "user_api_key_user_id",
            "end_user": "user_api_key_end_user_id",
        }
        known = {ours: exchange.metadata.get(theirs) for ours, theirs in names.items()}
        account = self._account(str(noted) if noted is not None else self._whose(known))
        account.calls.add(summary.calls)
        account.usd.add(summary.known_cost_usd)

    @property
    def _noted_as(self) -> str:
        return f"composite_rate_limit_{self.settings.per}"

    def _note(self, data: dict[str, Any], whose: str) -> None:
        """For `on_end`: LiteLLM does not pass on the `user` of a request whose key has no user in its database."""
        places = [name for name in ("metadata", "litellm_metadata") if isinstance(data.get(name), dict)]
        for name in places or ["metadata"]:
            data[name] = {**data.get(name, {}), self._noted_as: whose}

    def _whose(self, known: Mapping[str, Any]) -> str:
        key = str(known["key"] or "")
        return str(known["end_user"] or known["user"] or key) if self.settings.per == "user" else key

    def _account(self, whose: str) -> Account:
        account = self._accounts.setdefault(whose, Account())
        self._accounts.move_to_end(whose)
        if len(self._accounts) > MOST_KNOWN:
            self._accounts.popitem(last=False)
        return account


def _later(account: Account) -> tuple[tuple[str, Window], ...]:
    """What is known when a request has ended."""
    return ("calls_per_minute", account.calls), ("usd_per_day", account.usd)


def _too_many(limit: str, wait: float, model: str) -> Exception:
    seconds = max(1, round(wait + 0.5))
    message = f"Too many requests: {limit}, counted by this process. There is room again in {seconds} s."
    return litellm.RateLimitError(message, "composite", model)
