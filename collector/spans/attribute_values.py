"""OTLP attribute values as plain Python values that JSON can hold.

Follows OpenTelemetry's mapping for protocols other than OTLP: bytes become base64 text; NaN and the
infinities, which JSON lacks, become their names. What that loses is told, so that whoever stores the values
can keep the original beside them.
"""

import base64
import math
from collections.abc import Collection
from typing import TypeAlias

from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

Value: TypeAlias = "str | int | float | bool | None | list[Value] | dict[str, Value]"
Attributes: TypeAlias = "dict[str, Value]"


def attributes_of(pairs: Collection[KeyValue], lost: set[str]) -> Attributes:
    """The last value wins where a sender repeats a key. Adds to `lost` what plain values do not tell."""
    attributes: Attributes = {}
    for pair in pairs:
        value = pair.value
        # Nearly every value is text: one look spares it the walk through the other kinds.
        attributes[pair.key] = value.string_value or value_of(value, lost)
    if len(attributes) != len(pairs):
        lost.add("repeated key")
    return attributes


def value_of(value: AnyValue, lost: set[str]) -> Value:
    match value.WhichOneof("value"):
        case "string_value":
            return value.string_value
        case "int_value":
            return value.int_value
        case "double_value":
            return _finite_or_named(value.double_value, lost)
        case "bool_value":
            return value.bool_value
        case "array_value":
            return [value_of(item, lost) for item in value.array_value.values]
        case "kvlist_value":
            return attributes_of(value.kvlist_value.values, lost)
        case "bytes_value":
            lost.add("bytes")
            return base64.b64encode(value.bytes_value).decode()
        case _:
            return None


def _finite_or_named(number: float, lost: set[str]) -> float | str:
    if math.isfinite(number):
        return number
    lost.add("number beyond JSON")
    if math.isnan(number):
        return "NaN"
    return "Infinity" if number > 0 else "-Infinity"
