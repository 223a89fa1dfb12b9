"""What is said about a run as a whole above and below its spans, in the terminal and in a notebook."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from composite_llm import conventions as c
from composite_llm.accounting.receipts import BudgetReport, Receipt
from dashboard import fmt
from dashboard.lines import receipt_cost
from dashboard.naming import columns_of
from dashboard.plain import line
from dashboard.run import Run

MOST_STEPS = 6


class Fact(NamedTuple):
    label: str
    value: str


def run_facts(run: Run) -> Iterator[Fact]:
    summary = run.summary
    tokens = summary.input_tokens + summary.output_tokens
    yield Fact("Latency", fmt.duration(summary.latency_ms))
    yield Fact("Cost", fmt.run_cost(summary.cost_usd, summary.unpriced_calls, tokens))
    yield Fact("Calls", fmt.count(summary.calls))
    yield Fact("Tokens", f"{fmt.count(summary.input_tokens)} in, {fmt.count(summary.output_tokens)} out")
    if run.parallelism:
        yield Fact("Parallelism", f"{run.parallelism:.1f}×")
    if summary.errors:
        yield Fact("Errors", fmt.count(summary.errors))


def receipt_facts(receipt: Receipt) -> Iterator[Fact]:
    yield Fact("Latency", fmt.duration(receipt.seconds * 1000))
    yield Fact("Cost", receipt_cost(receipt))
    yield Fact("Calls", fmt.count(len(receipt.calls)))
    yield Fact("Tokens", f"{fmt.count(receipt.usage.input)} in, {fmt.count(receipt.usage.output)} out")


def critical_steps(run: Run) -> list[str]:
    """`proposer 2 4.7 s`, in order of time; of many the longest, with a word about the others."""
    spent: dict[str, float] = defaultdict(float)
    for segment in run.critical:
        spent[segment.span_id] += segment.end_ms - segment.start_ms
    longest = set(sorted(spent, key=spent.__getitem__, reverse=True)[:MOST_STEPS])
    steps = [
        f"{line(run.names[run.row_of[span_id]], 40)} {fmt.duration(ms)}"
        for span_id, ms in spent.items()
        if span_id in longest and ms > 0.01 * run.summary.latency_ms
    ]
    others = sum(spent.values()) - sum(spent[span_id] for span_id in longest)
    return [*steps, f"others {fmt.duration(others)}"] if others > 0.01 * run.summary.latency_ms else steps


def run_notes(run: Run) -> Iterator[str]:
    yield from limit_notes(run.request.get(c.DEGRADED_REASONS, ()), run_budget(run.request))
    yield from money_notes(run.unpriced_calls, simulated=run.summary.simulated)
    if run.has_missing_usage:
        yield "An agent tells of more than its calls; what is missing is not known."
    yield from uncounted_notes(run)
    if any(run.spans["is_orphan"].to_pylist()):
        yield (
            "Some spans name a parent that is not stored: the run has not ended yet, or its program was stopped."
        )


def uncounted_notes(run: Run) -> Iterator[str]:
    """Spans that carry usage which does not count, by the reason."""
    named: dict[str, list[str]] = defaultdict(list)
    wanted = ("usage_rule", "is_llm_call", "input_tokens", "output_tokens", "cost_usd")
    for name, (rule, counts, *usage) in zip(run.names, columns_of(run.spans, *wanted), strict=True):
        if rule and not counts and any(figure is not None for figure in usage):
            named[rule].append(line(name, 40))
    for rule, names in named.items():
        more = f" and {len(names) - MOST_STEPS:,} more" if len(names) > MOST_STEPS else ""
        yield f"Usage not counted of {', '.join(names[:MOST_STEPS])}{more}: {line(rule, 120)}."


def receipt_notes(receipt: Receipt) -> Iterator[str]:
    yield from limit_notes(receipt.degraded, receipt.budget)
    yield from money_notes(receipt.unpriced_models, simulated=receipt.simulated)
    estimated = dict.fromkeys(call.model for call in receipt.calls if call.usage and call.usage.estimated)
    if estimated:
        named = ", ".join(line(model, 80) for model in estimated)
        yield f"Tokens of {named} are an estimate, since none were reported: at least so many."


def limit_notes(degraded: Iterable[str], budget: BudgetReport | None) -> Iterator[str]:
    """Why an answer is built on less than was asked for, and what a budget has kept from being done."""
    for reason in degraded:
        yield f"Degraded: {line(reason, 300)}."
    if budget is None:
        return
    limits = [
        f"{fmt.money(budget.max_cost_usd)}" if budget.max_cost_usd is not None else "",
        fmt.plural(budget.max_calls, "call") if budget.max_calls is not None else "",
        fmt.plural(budget.max_tokens, "token") if budget.max_tokens is not None else "",
    ]
    kept = ", ".join(limit for limit in limits if limit) or "that of the composite around it"
    yield (
        f"Budget {kept}: {fmt.plural(budget.refused, 'call')} not made, "
        f"{fmt.plural(budget.shortened, 'answer')} shortened for its sake."
    )


def run_budget(request: Mapping[str, Any]) -> BudgetReport | None:
    if c.BUDGET_REFUSED not in request:
        return None
    return BudgetReport(
        max_cost_usd=request.get(c.BUDGET_USD),
        max_calls=request.get(c.BUDGET_CALLS),
        max_tokens=request.get(c.BUDGET_TOKENS),
        refused=request[c.BUDGET_REFUSED],
        shortened=request.get(c.BUDGET_SHORTENED, 0),
    )


def money_notes(unpriced_models: Iterable[str], *, simulated: bool) -> Iterator[str]:
    if models := sorted(set(unpriced_models)):
        named = ", ".join(line(model, 80) for model in models[:MOST_STEPS])
        yield f"No price is known for {named}, or a call ended before it reported its tokens."
    if simulated:
        yield "Simulated: no model was asked, and nothing was billed. Costs are what the real models charge."
