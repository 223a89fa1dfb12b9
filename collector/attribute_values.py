"""OTLP attribute values as plain Python values that JSON can hold.

Follows OpenTelemetry's mapping for protocols other than OTLP: bytes become base64 text; NaN and the
infinities, which JSON lacks, become their names.
"""

import base64
import math
from collections.abc import Iterable
from typing import TypeAlias

from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

Value: TypeAlias = "str | int | float | bool | None | list[Value] | dict[str, Value]"
Attributes: TypeAlias = "dict[str, Value]"


def attributes_of(pairs: Iterable[KeyValue]) -> Attributes:
    """The last value wins where a sender repeats a key."""
    attributes: Attributes = {}
    for pair in pairs:
        value = pair.value
        # Nearly every value is text: one look spares it the walk through the other kinds.
        attributes[pair.key] = value.string_value or value_of(value)
    return attributes


def value_of(value: AnyValue) -> Value:
    match value.WhichOneof("value"):
        case "string_value":
            return value.string_value
        case "int_value":
            return value.int_value
        case "double_value":
            return _finite_or_named(value.double_value)
        case "bool_value":
            return value.bool_value
        case "array_value":
            return [value_of(item) for item in value.array_value.values]
        case "kvlist_value":
            return attributes_of(value.kvlist_value.values)
        case "bytes_value":
            return base64.b64encode(value.bytes_value).decode()
        case _:
            return None


def _finite_or_named(number: float) -> float | str:
    if math.isfinite(number):
        return number
    if math.isnan(number):
        return "NaN"
    return "Infinity" if number > 0 else "-Infinity"
