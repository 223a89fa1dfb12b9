"""What some dialects write as one text, taken apart into columns.

Everything here reads a stranger's text: what is not as expected is passed over, never an error.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, TypeGuard, cast

from collector.spans.promotion import LARGEST_COUNT

Columns: TypeAlias = "dict[str, int | float]"
Reader: TypeAlias = Callable[[str], Columns]

LONGEST_BLOB = 20_000
RESPONSE_ID = re.compile(r'"id": ?"((?:chatcmpl|cmpl|resp|msg|gen)[-_][^"\\]{1,120})"')
GRAPH_NODE = re.compile(r'"langgraph_node": ?"([^"\\]{1,80})"')
LITELLM_COUNTS = {
    "cached_tokens": re.compile(r"'cached_tokens': (\d{1,12})\b"),
    "cache_write_tokens": re.compile(r"'cache_creation_(?:input_)?tokens': (\d{1,12})\b"),
    "reasoning_tokens": re.compile(r"'reasoning_tokens': (\d{1,12})\b"),
}


def langfuse_usage(text: str) -> Columns:
    """Buckets of any name, which do not overlap; or OpenAI's shape, in which they do."""
    buckets = _object(text)
    if "prompt_tokens" in buckets or "completion_tokens" in buckets:
        return openai_usage(text)
    sums: Columns = {}
    for name, value in buckets.items():
        if _is_number(value):
            for column in _columns_of_bucket(name.lower()):
                sums[column] = sums.get(column, 0) + int(value)
    return {column: total for column, total in sums.items() if total <= LARGEST_COUNT}


def _columns_of_bucket(name: str) -> list[str]:
    """A bucket's name says what it holds, as `input_cached_tokens` does."""
    if "input" in name or "prompt" in name:
        if "creation" in name or "write" in name:
            return ["input_tokens", "cache_write_tokens"]
        return ["input_tokens", "cached_tokens"] if "cache" in name else ["input_tokens"]
    if "output" in name or "completion" in name:
        return ["output_tokens", "reasoning_tokens"] if "reasoning" in name else ["output_tokens"]
    return []


def langfuse_cost(text: str) -> Columns:
    costs = {name: value for name, value in _object(text).items() if _is_number(value)}
    if not costs:
        return {}
    return {"cost_usd": float(costs["total"] if "total" in costs else sum(costs.values()))}


def openai_usage(text: str) -> Columns:
    """OpenAI's usage object, of chat completions or of responses."""
    usage = _object(text)
    given = _part(usage, "prompt_tokens_details") | _part(usage, "input_tokens_details")
    made = _part(usage, "completion_tokens_details") | _part(usage, "output_tokens_details")
    return _numbers(
        input_tokens=usage.get("prompt_tokens", usage.get("input_tokens")),
        output_tokens=usage.get("completion_tokens", usage.get("output_tokens")),
        cached_tokens=given.get("cached_tokens", usage.get("cache_read_input_tokens")),
        cache_write_tokens=given.get("cache_write_tokens", usage.get("cache_creation_input_tokens")),
        reasoning_tokens=made.get("reasoning_tokens"),
    )


def litellm_usage(text: str) -> Columns:
    """Python's notation is searched, not parsed: parsing a stranger's expressions is no good idea."""
    found = {column: pattern.search(text[:LONGEST_BLOB]) for column, pattern in LITELLM_COUNTS.items()}
    return {column: int(match[1]) for column, match in found.items() if match}


def mlflow_usage(text: str) -> Columns:
    usage = _object(text)
    return _numbers(
        input_tokens=usage.get("input_tokens"),
        output_tokens=usage.get("output_tokens"),
        cached_tokens=usage.get("cache_read_input_tokens"),
        cache_write_tokens=usage.get("cache_creation_input_tokens"),
    )


def mlflow_cost(text: str) -> Columns:
    total = _object(text).get("total_cost")
    return {"cost_usd": float(total)} if _is_number(total) else {}


def response_id(answer: str) -> str | None:
    """The id a provider gave its answer. Inside a quoted text its own quotes would be escaped."""
    found = RESPONSE_ID.search(answer)
    return found[1] if found else None


def graph_node(metadata: str) -> str | None:
    found = GRAPH_NODE.search(metadata[:LONGEST_BLOB])
    return found[1] if found else None


def unquoted(text: str) -> str:
    """MLflow writes every value as JSON, also a text."""
    if len(text) > LONGEST_BLOB or not text.startswith('"'):
        return text
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return value if isinstance(value, str) else text


def _object(text: str) -> dict[str, Any]:
    if len(text) > LONGEST_BLOB:
        return {}
    try:
        value = json.loads(text)
    # Hostile text may nest deeper than the parser can.
    except (ValueError, RecursionError):
        return {}
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _part(holder: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = holder.get(name)
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _numbers(**values: object) -> Columns:
    return {name: int(value) for name, value in values.items() if _is_number(value)}


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= LARGEST_COUNT
