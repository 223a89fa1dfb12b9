"""What the icicle draws: the parts of one run by column, every text written already, as wide as one measure says."""

from collections.abc import Mapping, Sequence

from composite_llm.accounting.ledger import UNWANTED
from dashboard import fmt, palette
from dashboard.answers.recursion import NodeFacts
from dashboard.naming import columns_of, short_names
from dashboard.palette import Palette
from dashboard.plain import line
from dashboard.recursion.limits import limits_met, was_cancelled
from dashboard.recursion.naming import part_names
from dashboard.recursion.nesting import CALLS, COST, TIME, TOKENS, Amounts, Nesting, Part
from dashboard.recursion.widths import widths
from dashboard.run import Run

MOST_MODELS = 6
"""In the legend."""
WORDS = {COST: "cost", TOKENS: "tokens", CALLS: "model calls", TIME: "time"}


def payload(
    run: Run, nesting: Nesting, facts: Mapping[str, NodeFacts], by: str, colours: Palette, revision: str
) -> dict[str, object]:
    """`facts` by span id. `revision` changes when anything does that is drawn."""
    parts, spans = nesting.parts, run.spans
    ids = spans["span_id"].to_pylist()
    about = list(columns_of(spans, "model", "status", "outcome", "error_type", "status_message", "billing"))
    told = [facts.get(ids[part.row]) if part.row >= 0 else None for part in parts]
    named = part_names(run, nesting, facts)
    models = [about[part.row][0] if part.is_call else None for part in parts]
    short = short_names(model for model in models if model)
    drawn = [
        colours.colour_for(model) if model else _container(part)
        for part, model in zip(parts, models, strict=True)
    ]
    distinct = list(dict.fromkeys(drawn))
    place_of = {colour: place for place, colour in enumerate(distinct)}
    own = [about[part.row] if part.row >= 0 else (None, "ok", None, None, None, None) for part in parts]
    return {
        "rev": f"{revision}:{by}",
        "summary": f"Icicle of a run by {WORDS[by]}: {fmt.plural(len(parts), 'part')}, "
        f"{fmt.plural(nesting.deepest, 'level')} below the outermost",
        "rows": 1 + max((part.indent for part in parts), default=0),
        "id": [ids[part.row] if part.row >= 0 else "" for part in parts],
        "name": [line(name, 120) for name in named],
        "model": [line(short.get(model or ""), 80) for model in models],
        "parent": [part.parent for part in parts],
        "indent": [part.indent for part in parts],
        "weight": [round(width, 9) for width in widths(nesting, by)],
        "text": [amount(part.total, by) for part in parts],
        "facts": [_facts(part, parts[0].total) for part in parts],
        "call": [part.is_call for part in parts],
        "colours": distinct,
        "colour": [place_of[colour] for colour in drawn],
        "unknown": [by == COST and part.own.unpriced > 0 for part in parts],
        "cancelled": [
            place
            for place, (_, _, outcome, *_) in enumerate(own)
            if outcome in UNWANTED or ((node := told[place]) is not None and was_cancelled(node))
        ],
        "limit": ["; ".join(limits_met(node)) if node else "" for node in told],
        "error": [
            line(error_type or message or "error", 160) if status == "error" else ""
            for _, status, _, error_type, message, _ in own
        ],
        "errors": [
            part.total.errors - (status == "error") for part, (_, status, *_) in zip(parts, own, strict=True)
        ],
        "legend": _legend(models, short, colours, parts, told, own, by),
    }


def amount(amounts: Amounts, by: str) -> str:
    """One measure of a part, written."""
    match by:
        case "tokens":
            return fmt.count(amounts.tokens)
        case "calls":
            return fmt.count(amounts.calls)
        case "time":
            return fmt.duration(amounts.ms)
        case _:
            return cost(amounts)


def cost(amounts: Amounts) -> str:
    """Of the calls; a dash where none was billed."""
    if amounts.priced:
        return fmt.money(amounts.known_usd, lower_bound=amounts.unpriced > 0)
    return fmt.UNKNOWN if amounts.unpriced else "–"


def _facts(part: Part, whole: Amounts) -> str:
    total = part.total
    share = fmt.share(total.known_usd, whole.known_usd) if total.priced else ""
    lines = [
        f"{cost(total)}{f' · {share} of the known cost of the run' if share else ''}",
        "" if part.is_call or not part.own.priced else f"{cost(part.own)} its own",
        f"{fmt.count(total.tokens)} tokens"
        + ("" if part.is_call else f" in {fmt.plural(total.calls, 'call')}"),
        f"{fmt.duration(total.ms)}{'' if part.is_call else ' of work, added up'}",
        f"{fmt.plural(total.errors, 'span')} with errors" if total.errors and not part.is_call else "",
        f"depth {part.depth}",
    ]
    return "\n".join(each for each in lines if each)


def _container(part: Part) -> str:
    return palette.REQUEST if part.opens else palette.STAGE


def _legend(
    models: Sequence[str | None],
    short: Mapping[str, str],
    colours: Palette,
    parts: Sequence[Part],
    told: Sequence[NodeFacts | None],
    own: Sequence[tuple[object, ...]],
    by: str,
) -> list[tuple[str, str]]:
    """Only of what there is to see."""
    called = list(dict.fromkeys(model for model in models if model))
    entries = [(colours.colour_for(model), line(short[model], 40)) for model in called[:MOST_MODELS]]
    if len(called) > MOST_MODELS:
        entries.append(("", f"and {fmt.plural(len(called) - MOST_MODELS, 'model')} more"))
    outcomes = {outcome for _, _, outcome, *_ in own}
    statuses = {status for _, status, *_ in own}
    cancelled = outcomes & UNWANTED or any(node and was_cancelled(node) for node in told)
    marks = {
        ("hatched", "cost unknown"): by == COST and any(part.own.unpriced for part in parts),
        ("error", "failed"): "error" in statuses,
        ("below", "errors inside"): any(part.total.errors > part.own.errors for part in parts),
        ("cancelled", "cancelled"): bool(cancelled),
        ("limit", "met a limit"): any(node and limits_met(node) for node in told),
    }
    return [*entries, *(mark for mark, seen in marks.items() if seen)]
