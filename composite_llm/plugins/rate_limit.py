"""`rate_limit`: how much one key or user may use through a proxy.

LiteLLM's own limits count requests and need a database for keys; one composite request may be dozens of calls.
Counted in this process: with several workers each counts its own.
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
        account = self._account({**known, "end_user": user_api_key_dict.end_user_id or data.get("user")})
        for what, window in (("requests_per_minute", account.requests), *_later(account)):
            limit = getattr(self.settings, what)
            if wait := window.seconds_until_below(limit):
                raise _too_many(f"{what} is {limit:g} for each {self.settings.per}", wait, model)
        account.requests.add(1.0)

    def on_end(self, exchange: Exchange, summary: Summary) -> None:
        names = {
            "key": "user_api_key",
            "user": "user_api_key_user_id",
            "end_user": "user_api_key_end_user_id",
        }
        account = self._account({ours: exchange.metadata.get(theirs) for ours, theirs in names.items()})
        account.calls.add(summary.calls)
        account.usd.add(summary.known_cost_usd)

    def _account(self, known: Mapping[str, Any]) -> Account:
        key = str(known["key"] or "")
        whose = str(known["end_user"] or known["user"] or key) if self.settings.per == "user" else key
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
    message = f"Too many requests: {limit}. There is room again in {seconds} s."
    return litellm.RateLimitError(message, "composite", model)
