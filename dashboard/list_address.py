"""The filters of the list of runs that a trace was opened from, read from that list's address."""

from collections.abc import Mapping

from dashboard import state

Address = Mapping[str, str | list[str]]


def searched(address: Address) -> state.Search:
    """What the list asked for beside the window. What is no number counts as none, as it does there."""
    attributes = address.get(state.ATTRIBUTE, [])
    return state.Search(
        text=_text(address, state.TEXT).strip(),
        model=_text(address, state.MODEL),
        errors_only=_text(address, state.ERRORS_ONLY).lower() == "true",
        status=_text(address, state.STATUS)
        if _text(address, state.STATUS) in ("ok", "error", "running")
        else "",
        min_cost_usd=_number(address, state.LEAST_COST),
        min_latency_ms=_number(address, state.LEAST_LATENCY) * 1000,
        min_depth=int(_number(address, state.LEAST_DEPTH)),
        user=_text(address, state.USER),
        session=_text(address, state.SESSION),
        attributes=tuple(attributes if isinstance(attributes, list) else [attributes]),
    )


def _text(address: Address, name: str) -> str:
    value = address.get(name, "")
    return value if isinstance(value, str) else (value[-1] if value else "")


def _number(address: Address, name: str) -> float:
    try:
        number = float(_text(address, name))
    except ValueError:
        return 0.0
    return number if 0 <= number < 1e9 else 0.0
