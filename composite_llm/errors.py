"""What can go wrong inside a composite request.

CompositeError
├── BadRequest           the client asked for something that cannot be run; says what to write instead
│   └── Refused          a plugin keeps the request out
├── CallFailed           one model call failed for good, after its retries
├── AllCallsFailed       every call of a stage failed, so there is nothing to go on with
├── BudgetExceeded       the next call does not fit into the request's budget
└── DeadlineExceeded     the time given to the whole request is over

`litellm_provider` turns each into the LiteLLM exception a client expects.
"""

from collections.abc import Sequence
from typing import Any


class CompositeError(Exception):
    """Base of this package's errors."""


class BadRequest(CompositeError):
    """The request is wrong as written; trying again changes nothing."""


class Refused(BadRequest):
    """A plugin does not let the request in."""


class CallFailed(CompositeError):
    """One model call failed. `cause` is the LiteLLM exception, None for an empty answer."""

    def __init__(
        self, role: str, model: str, outcome: str, reason: str, cause: Exception | None = None
    ) -> None:
        super().__init__(f"{role} {model}: {reason}")
        self.role = role
        self.model = model
        self.outcome = outcome  # empty | error | timeout | budget
        self.cause = cause

    def followed_by(self, others: "Sequence[CallFailed]") -> "CallFailed":
        """The same failure, saying what became of the models asked instead."""
        for other in others:
            self.args = (f"{self}; then {other}",)
        return self


class AllCallsFailed(CompositeError):
    """A stage is left with no answer."""

    def __init__(self, stage: str, failures: Sequence[CallFailed]) -> None:
        reasons = "; ".join(str(failure) for failure in failures)
        super().__init__(f"{stage}: all {len(failures)} calls failed. {reasons}")
        self.failures = tuple(failures)


class BudgetExceeded(CompositeError):
    """A call was not made because it might have cost more than was left."""

    def __init__(self, call: str, limits: str) -> None:
        super().__init__(
            f"The budget ({limits}) has no room for {call}. Raise it, lower max_tokens, or ask fewer models."
        )


class DeadlineExceeded(CompositeError):
    """The request's `timeout` ran out."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"The composite request did not finish within its timeout of {seconds:g} s.")
        self.seconds = seconds


class Settled(Exception):
    """No failure: the answer to the client is there before the strategy has come to its end."""

    def __init__(self, reply: Any) -> None:
        super().__init__("answered early")
        self.reply = reply
