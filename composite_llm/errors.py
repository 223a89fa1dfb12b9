"""What can go wrong inside a composite request.

CompositeError
├── BadRequest           the client asked for something that cannot be run; says what to write instead
├── CallFailed           one model call failed for good, after its retries
├── AllCallsFailed       every call of a stage failed, so there is nothing to go on with
└── DeadlineExceeded     the time given to the whole request is over

`litellm_provider` turns each into the LiteLLM exception a client expects.
"""

from collections.abc import Sequence


class CompositeError(Exception):
    """Base of this package's errors."""


class BadRequest(CompositeError):
    """The request is wrong as written; trying again changes nothing."""


class CallFailed(CompositeError):
    """One model call failed. `cause` is the LiteLLM exception, None for an empty answer."""

    def __init__(
        self, role: str, model: str, outcome: str, reason: str, cause: Exception | None = None
    ) -> None:
        super().__init__(f"{role} {model}: {reason}")
        self.role = role
        self.model = model
        self.outcome = outcome  # empty | error | timeout
        self.cause = cause


class AllCallsFailed(CompositeError):
    """A stage is left with no answer."""

    def __init__(self, stage: str, failures: Sequence[CallFailed]) -> None:
        reasons = "; ".join(str(failure) for failure in failures)
        super().__init__(f"{stage}: all {len(failures)} calls failed. {reasons}")
        self.failures = tuple(failures)


class DeadlineExceeded(CompositeError):
    """The request's `timeout` ran out."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"The composite request did not finish within its timeout of {seconds:g} s.")
        self.seconds = seconds
