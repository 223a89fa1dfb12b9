"""Values written into SQL, for statements that somebody reads, changes and runs elsewhere.

Questions themselves are bound. A text is closed by its own quotes doubled, whatever it holds.
"""

import re
from collections.abc import Callable, Mapping

PARAMETER = re.compile(r"\$(\w+)")
INT_BITS = 31

Written = Callable[[object], str]


def filled_in(text: str, parameters: Mapping[str, object], written: Written) -> str:
    """`$name` as the value of that name. One pass: what values hold is not looked at again."""

    def value(found: re.Match[str]) -> str:
        return written(parameters[found[1]]) if found[1] in parameters else found[0]

    return PARAMETER.sub(value, text)


def for_duckdb(value: object) -> str:
    """With its type where DuckDB would read another: 5 is an INTEGER, whose products overflow; 0.1 a DECIMAL."""
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case int():
            number = str(value) if value >= 0 else f"({value})"
            return number if abs(value) >> INT_BITS else f"{number}::bigint"
        case float():
            return f"({value!r})::double" if value < 0 else f"{value!r}::double"
        case str():
            return _text(value)
        case list():
            return f"[{', '.join(map(_text, value))}]::varchar[]"
        case _:
            raise TypeError(f"no literal for {value!r}")


def for_clickhouse(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case int() | float():
            return repr(value)
        case str():
            return _escaped(value)
        case list():
            return f"[{', '.join(map(_escaped, value))}]" if value else "[]::Array(String)"
        case _:
            raise TypeError(f"no literal for {value!r}")


def _text(value: object) -> str:
    """A NUL would end the statement for DuckDB's parser."""
    parts = [f"'{part}'" for part in str(value).replace("'", "''").split("\0")]
    return parts[0] if len(parts) == 1 else f"({' || chr(0) || '.join(parts)})"


def _escaped(value: object) -> str:
    text = str(value).replace("\\", "\\\\").replace("'", "\\'").replace("\0", "\\0")
    return f"'{text}'"
