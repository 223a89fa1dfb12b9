"""What a strategy found out, read from the attributes of its spans: a vote, a verdict, a decision.

Attributes come from anybody, so a value of the wrong shape is left out, and nothing here raises.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from composite_llm import conventions as c
from dashboard import fmt

Attributes = Mapping[str, Any]
Written = Callable[[Any], str]


@dataclass(frozen=True, slots=True)
class Finding:
    label: str
    value: str


def attributes_of(text: str) -> Attributes:
    """The attributes of a span from their JSON; none where it is not an object."""
    found = parsed(text)
    return found if isinstance(found, dict) else {}


def parsed(value: object) -> Any:
    """JSON in a text, as attributes carry lists and objects; None where it is none."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return None


def _text(value: Any) -> str:
    return str(value).replace("_", " ")


def _number(value: Any) -> str:
    return fmt.count(int(value))


def _share(value: Any) -> str:
    return fmt.share(float(value), 1.0)


def _decimal(value: Any) -> str:
    return f"{float(value):.3g}"


def _place(value: Any) -> str:
    """Indices count from 0, readers from 1."""
    return str(int(value) + 1)


def _places(value: Any) -> str:
    return ", ".join(_place(each) for each in parsed(value)) or "none"


def _sizes(value: Any) -> str:
    return " + ".join(str(int(each)) for each in parsed(value))


def _names(value: Any) -> str:
    return ", ".join(str(each) for each in parsed(value))


def _yes(value: Any) -> str:
    return "yes" if value is True else "no"


def _counts(value: Any) -> str:
    return ", ".join(f"{number} {_text(name)}" for name, number in parsed(value).items() if number) or "none"


def _facts(value: Any) -> str:
    told = parsed(value)
    return ", ".join(f"{_text(name)} {_brief(each)}" for name, each in told.items())


def _brief(value: Any) -> str:
    if isinstance(value, bool):
        return _yes(value)
    if isinstance(value, list):
        return ", ".join(_brief(each) for each in value)
    return _decimal(value) if isinstance(value, float) else str(value)


KNOWN: Mapping[str, tuple[str, Written]] = {
    c.DEBATE_ROUND: ("Round", _number),
    c.DEBATE_CLUSTERS: ("Equal answers", _sizes),
    c.DEBATE_FLIPS: ("Changed their answer", _number),
    c.DEBATE_FOLLOWED: ("Followed the leader", _number),
    c.DEBATE_ROUNDS: ("Rounds held", _number),
    c.DEBATE_CONSENSUS_ROUND: ("All agreed after round", _number),
    c.DEBATE_AGREEMENT: ("Agreement", _share),
    c.DEBATE_MARGIN: ("Lead", _share),
    c.DEBATE_WINNER: ("Chosen: agent", _place),
    c.SELF_CONSISTENCY_SAMPLES: ("Answers counted", _number),
    c.SELF_CONSISTENCY_CLUSTERS: ("Equal answers", _sizes),
    c.SELF_CONSISTENCY_AGREEMENT: ("Agreement", _share),
    c.SELF_CONSISTENCY_MARGIN: ("Lead", _share),
    c.SELF_CONSISTENCY_ENTROPY: ("Entropy, bits", _decimal),
    c.SELF_CONSISTENCY_DECIDED_BY: ("Decided by", _text),
    c.SELF_CONSISTENCY_WINNER: ("Chosen: sample", _place),
    c.BEST_OF_N_SPREAD: ("Best less worst", _decimal),
    c.BEST_OF_N_WINNER: ("Chosen: sample", _place),
    c.JUDGE_ORDER: ("Read in the order", _places),
    c.JUDGE_FLIP_RATE: ("Verdicts that the order turned", _share),
    c.JUDGE_WINNER: ("Chosen: candidate", _place),
    c.CASCADE_STEP: ("Step", _number),
    c.CASCADE_ACCEPTED: ("Accepted", _yes),
    c.CASCADE_ACCEPT_SCORE: ("Score", _decimal),
    c.CASCADE_THRESHOLD: ("Needed", _decimal),
    c.CASCADE_DECIDED_BY: ("Decided by", _text),
    c.CASCADE_FAILED_CHECKS: ("Failed checks", _names),
    c.ROUTER_ROUTE: ("Route", str),
    c.ROUTER_CHOSEN_BY: ("Chosen by", _text),
    c.ROUTER_RULE: ("Rule", _number),
    c.ROUTER_REASON: ("Because of", _text),
    c.REFLECT_VERDICT: ("Verdict", _text),
    c.REFLECT_ISSUES: ("Issues", _counts),
    c.REFLECT_MAX_SEVERITY: ("Worst", _text),
    c.REFLECT_CHANGED: ("Words changed", _share),
    c.REFLECT_LENGTH_RATIO: ("Length of the draft", _share),
    c.REFLECT_PICKED: ("Picked", _text),
    c.FUSION_READ: ("Analysis had", _text),
    c.FUSION_CONSENSUS: ("Points all agree on", _number),
    c.FUSION_CONTRADICTIONS: ("Contradictions", _number),
    c.FUSION_GAPS: ("Gaps", _number),
    c.FUSION_BLIND_SPOTS: ("Blind spots", _number),
    c.SMOA_ROUND: ("Round", _number),
    c.SMOA_SELECTED: ("Read on: proposers", _places),
    c.SMOA_PASSED_OVER: ("Passed over", _places),
    c.SMOA_READ: ("Verdict had", _text),
    c.SMOA_ENDED: ("Judge ended it", _yes),
    c.SMOA_ROUNDS_SPARED: ("Rounds spared", _number),
    c.TUMIX_ROUND: ("Round", _number),
    c.TUMIX_AGENTS: ("Agents", _names),
    c.TUMIX_CLUSTERS: ("Equal answers", _sizes),
    c.TUMIX_MARGIN: ("Lead", _share),
    c.TUMIX_ENTROPY: ("Entropy, bits", _decimal),
    c.TUMIX_COVERAGE: ("Answered", _share),
    c.TUMIX_STOP: ("Ends here", _yes),
    c.TUMIX_CONFIDENCE: ("Confidence", _share),
    c.TUMIX_TIE_BROKEN: ("A judge broke a tie", _yes),
    c.TUMIX_WINNER_AGENT: ("Chosen: agent", str),
    c.HALO_SUBTASK: ("Subtask", _number),
    c.HALO_SIMULATION: ("Simulation", _number),
    c.HALO_SUBTASKS: ("Subtasks done", _number),
    c.HALO_STOPPED_BY: ("Ended by", _text),
    c.GRAPH_STEP: ("Kind of step", _text),
    c.GRAPH_FOUND: ("Found", _facts),
    c.VOTE_OUTCOME: ("The vote was for", _text),
    c.THINK_USED_UP: ("All thoughts used up", _yes),
    c.RLM_DEPTH: ("Depth", _number),
    c.RLM_CONTEXT_CHARS: ("Context, characters", _number),
    c.RLM_CONTEXT_START: ("From character", _number),
    c.RLM_ITERATIONS: ("Turns", _number),
    c.RLM_SUB_CALLS: ("Calls its code made", _number),
    c.RLM_SUB_CALL_ERRORS: ("of them failed", _number),
    c.RLM_DEPTH_LIMITED: ("Kept from going deeper", _number),
    c.RLM_COMPACTIONS: ("Notes put together", _number),
    c.RLM_COVERAGE: ("Context seen", _share),
    c.RLM_TERMINATION: ("Ended by", _text),
    c.RLM_BUDGET_USD: ("Budget at its start", fmt.money),
    c.STAGE_LEFT_BEHIND: ("Left behind", _number),
    c.STAGE_FAILED: ("Failed", _number),
}
ONLY_ABOVE_ZERO = {
    c.STAGE_LEFT_BEHIND,
    c.STAGE_FAILED,
    c.RLM_CONTEXT_START,
    c.RLM_SUB_CALL_ERRORS,
    c.RLM_DEPTH_LIMITED,
    c.RLM_COMPACTIONS,
    c.SMOA_ROUNDS_SPARED,
}


def findings(attributes: Attributes) -> Iterator[Finding]:
    """What a stage or a node says of itself, in the order of `KNOWN`."""
    for key, (label, written) in KNOWN.items():
        value = attributes.get(key)
        if value is None or (key in ONLY_ABOVE_ZERO and not value):
            continue
        try:
            said = written(value)
        except (TypeError, ValueError, AttributeError, OverflowError):
            continue
        if said:
            yield Finding(label, said)
