"""Why a run gave no answer, as the LiteLLM exception of its kind.

An agent CLI tells its errors in words, on stderr or as a line that is no event, so the kind is found by those words.
"""

import re
import signal
from collections.abc import Callable, Sequence
from typing import Any

import litellm
from openai import OpenAIError

from composite_llm.accounting.ledger import Cost, Usage
from composite_llm.agent_cli.finding import NAMES, PROVIDER
from composite_llm.agent_cli.program import MOST_OUTPUT, Program
from composite_llm.agent_cli.telling import Telling
from composite_llm.agent_cli.usage import bill_of
from composite_llm.redaction import without_secrets
from composite_llm.request.route import Route

_MOST_TOLD = 600
"""Characters of what the program said; the end of it."""

_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f]")

_LOG_IN = (
    f"Set CURSOR_API_KEY, or log in once with `{NAMES[0]} login` as the user this runs as. Other variables are handed "
    "over where COMPOSITE_LLM_AGENT_CLI_ENV names them."
)
_TOO_OLD = "It does not know the arguments it is started with: update it, or look at COMPOSITE_LLM_AGENT_CLI."

_KINDS: Sequence[tuple[re.Pattern[str], Callable[..., OpenAIError], str]] = [
    (
        re.compile(
            r"authentication (is )?required|not (logged|signed) in|unauthenticated|unauthorized|invalid api key"
        ),
        litellm.AuthenticationError,
        _LOG_IN,
    ),
    (
        re.compile(r"rate.?limit|usage limit|too many requests|resource.?exhausted|quota"),
        litellm.RateLimitError,
        "",
    ),
    (
        re.compile(
            r"cannot use this model|named models unavailable|(unknown|invalid) model|model not (found|available)"
        ),
        litellm.NotFoundError,
        f"`{NAMES[0]} models` lists those of this account.",
    ),
    (
        re.compile(r"context (window|length)|prompt is too long|too many tokens"),
        litellm.ContextWindowExceededError,
        "",
    ),
    (
        re.compile(r"(unknown|unrecognized|invalid) (option|argument)|workspace trust required"),
        litellm.BadRequestError,
        _TOO_OLD,
    ),
]


class ProgramFailed(Exception):
    """What happened on this machine: the cause of the LiteLLM exception that tells it."""

    def __init__(
        self, told: str, *, may_be_billed: bool, usage: Usage | None = None, cost: Cost | None = None
    ) -> None:
        super().__init__(told)
        self.may_be_billed = may_be_billed
        self.usage = usage
        self.cost = cost


def not_started(command: Sequence[str], model: str, error: OSError) -> OpenAIError:
    sentence = f"{command[0]} could not be started: {error.strerror}"
    return _made(litellm.NotFoundError, sentence, model, ProgramFailed(sentence, may_be_billed=False))


def not_supported(sentence: str, model: str) -> OpenAIError:
    return _made(
        litellm.UnsupportedParamsError, sentence, model, ProgramFailed(sentence, may_be_billed=False)
    )


def failure_of(
    program: Program, telling: Telling, exit_code: int | None, way: Route, secrets: Sequence[str]
) -> OpenAIError:
    """Of a run without an answer. `secrets`: what the program knew and nobody is to read."""
    said = _said(program, telling)
    kind, hint = _kind_of(said)
    told = without_secrets(said, *secrets)[-_MOST_TOLD:]
    sentence = " ".join(part for part in (_what_happened(program, telling, exit_code), told, hint) if part)
    # By its words alone nobody knows when it failed: once its model has begun, it may be paid for.
    usage, cost = bill_of(telling.result or {}, way)
    billed = telling.at_work or usage is not None or kind is litellm.InternalServerError
    cause = ProgramFailed(sentence, may_be_billed=billed, usage=usage, cost=cost)
    return _made(kind, sentence, way.model, cause)


def _what_happened(program: Program, telling: Telling, exit_code: int | None) -> str:
    if program.too_much:
        return f"it printed more than {MOST_OUTPUT // 2**20} MiB and was ended."
    if telling.failed:
        return "it ended with an error:"
    broken = ", in the middle of an event" if telling.broke_off else ""
    if exit_code is None:
        return f"it closed its output without a result{broken}, and went on."
    if exit_code < 0:
        return f"it was ended by {_signal_name(-exit_code)} before its result{broken}."
    return (
        f"it ended with exit code {exit_code} and no result{broken}."
        if exit_code == 0 or broken
        else (f"it ended with exit code {exit_code}:")
    )


def _said(program: Program, telling: Telling) -> str:
    """Its own words on what went wrong, not those of its model: some versions repeat their events on stderr."""
    result = (telling.result or {}).get("result")
    lines = [
        *(result.splitlines() if telling.failed and isinstance(result, str) else ()),
        *telling.complaints,
        *program.stderr.splitlines(),
    ]
    plain = (_ESCAPES.sub("", line).strip() for line in lines)
    return " ".join(dict.fromkeys(line for line in plain if line and not line.startswith("{")))


def _kind_of(said: str) -> tuple[Callable[..., OpenAIError], str]:
    for pattern, kind, hint in _KINDS:
        if pattern.search(said.lower()):
            return kind, hint
    return litellm.InternalServerError, ""


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _made(kind: Callable[..., Any], sentence: str, model: str, cause: Exception) -> OpenAIError:
    error = kind(message=f"{PROVIDER}: {sentence}", llm_provider=PROVIDER, model=model)
    error.__cause__ = cause
    return error
