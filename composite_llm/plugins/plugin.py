"""What every plugin is made of."""

import asyncio
import contextvars
import logging
from collections.abc import Awaitable, Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, ClassVar, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from composite_llm.accounting.ledger import CallRecord
from composite_llm.content import Message
from composite_llm.errors import Refused
from composite_llm.plugins.own_failures import OWN, meant_for_others
from composite_llm.plugins.plain_calls import PlainCalls
from composite_llm.redaction import without_secrets

__all__ = ["Ask", "Exchange", "Plugin", "Refused", "Rewriter", "Settings", "Summary"]

log = logging.getLogger(__name__)
Result = TypeVar("Result")
_busy: contextvars.ContextVar[bool] = contextvars.ContextVar("composite_llm_plugins_busy", default=False)


class Ask(Protocol):
    """A plugin's own question to a model: the answer's text. It is a call with a span, and is paid for."""

    def __call__(self, model: str, messages: Sequence[Message], **parameters: Any) -> Awaitable[str]: ...


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request as a plugin sees it."""

    model: str
    """As the client named it."""
    messages: Sequence[Message]
    ask: Ask
    metadata: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """LiteLLM's; in the proxy it says whose key was used."""
    request_id: str = ""
    trace_id: str = ""


@dataclass(frozen=True, slots=True)
class Summary:
    """How a request ended."""

    outcome: str
    """`ok`, or the class of the error the client got."""
    answer: str
    seconds: float
    calls: int
    known_cost_usd: float
    unpriced: bool
    """True when `known_cost_usd` is not all."""


class Rewriter(Protocol):
    """Changes an answer while it streams."""

    def feed(self, text: str) -> str:
        """What can be given out after this piece."""
        ...

    def end(self) -> str:
        """What was held back."""
        ...


class Settings(BaseModel):
    """What every plugin's settings have."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    models: list[str] = ["*"]
    """Names of the models it is for, as clients call them; `*` stands for any text."""
    timeout_s: float = Field(60.0, gt=0)
    """For each of its steps; then the request goes on without it."""


class Plugin(PlainCalls):
    """Base of plugins. Override what is needed; whatever it raises is logged, counted and passed over."""

    name: ClassVar[str] = ""
    Settings: ClassVar[type[BaseModel]] = Settings
    rewrites: ClassVar[bool] = False
    """True where `on_answer` or `rewriter` do something."""

    def __init__(self, settings: Any = None) -> None:
        super().__init__()
        self.settings: Any = settings or self.Settings()  # of the class's own kind
        self.failures = 0
        """How often it has failed, and was passed over."""

    async def on_request(self, exchange: Exchange) -> Sequence[Message] | None:
        """Before anything is asked: other messages, or None for as they are. May raise Refused."""
        return None

    async def on_answer(self, exchange: Exchange, text: str) -> str | None:
        """Before the client gets it: another text, or None for as it is."""
        return None

    def rewriter(self, exchange: Exchange) -> Rewriter | None:
        """For a streamed answer. None: the answer is held back until `on_answer` has seen all of it."""
        return None

    def on_call(self, exchange: Exchange, call: CallRecord) -> None:
        """An attempt at a model call has ended."""

    def on_end(self, exchange: Exchange, summary: Summary) -> None:
        """The request has ended, however it did."""

    @property
    def changes(self) -> bool:
        """Whether it may change prompts or answers, and does not only look on."""
        return self.rewrites or type(self).on_request is not Plugin.on_request

    def applies_to(self, model: str) -> bool:
        return any(fnmatchcase(model, pattern) for pattern in self.settings.models)

    async def step(self, name: str, work: Callable[[], Awaitable[Result]]) -> Result | None:
        """What `work` returns; None where it failed or took too long. Only Refused gets out."""
        try:
            async with asyncio.timeout(self.settings.timeout_s):
                return await work()
        except Refused:
            raise
        except OWN as error:  # a plugin is somebody else's code: whatever it does, the request goes on
            if meant_for_others(error):
                raise
            self.failed(name, error)
            return None

    def tell(self, name: str, work: Callable[[], Result]) -> Result | None:
        """Like `step`, for what nobody waits for."""
        try:
            return work()
        except OWN as error:
            if meant_for_others(error):
                raise
            self.failed(name, error)
            return None

    def failed(self, step: str, error: BaseException) -> None:
        self.failures += 1
        told = without_secrets(str(error)) or "no message"
        log.warning("plugin %s failed at %s: %s: %s", self.name, step, type(error).__name__, told)


def busy() -> bool:
    """True inside a composite request, and inside a plugin's own calls, where no plugin is to be asked."""
    return _busy.get()


@contextmanager
def no_plugins() -> Generator[None]:
    """Model calls made in here do not meet plugins."""
    token = _busy.set(True)
    try:
        yield
    finally:
        _busy.reset(token)
