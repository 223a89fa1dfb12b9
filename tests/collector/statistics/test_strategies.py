"""What each strategy's runs came to, worked out by hand; every call is 100 tokens in, 30 out and 3 cents."""

import pytest

from collector.parameters import RunsOf
from collector.statistics.named import STATISTICS
from composite_llm import conventions as c
from tests.collector.running import EVERYTHING
from tests.collector.statistics.observed_runs import Made, Staged, run

A, B, C = "openai/gpt-4o", "anthropic/claude-opus", "gemini/pro"
PANEL = (A, B, C)


@pytest.fixture
def rows(store):
    return lambda name: STATISTICS[name](store, RunsOf(**EVERYTHING)).to_pylist()


def panel(role):
    return [Made(role, index, model) for index, model in enumerate(PANEL)]


def has(row, **expected):
    assert {name: row[name] for name in expected} == pytest.approx(expected)


def test_smoa(land, rows):
    """Of three judged rounds' answers A is read on twice of two, B once, C (which fails in the second) not at all in
    one. The judge ends it with two rounds to go. 3 + 1 + 3 + 1 + 1 calls."""
    first = {c.SMOA_ROUND: 1, c.SMOA_SELECTED: [0, 1], c.SMOA_PASSED_OVER: [2], c.SMOA_READ: "repaired"}
    second = {c.SMOA_ROUND: 2, c.SMOA_SELECTED: [0], c.SMOA_PASSED_OVER: [1], c.SMOA_READ: "first"}
    land(
        run(
            "smoa",
            [
                Staged("smoa.round1", {}, panel("proposer")),
                Staged("smoa.select1", first | {c.SMOA_ROUNDS_SPARED: 0}, [Made("judge", 0, A)]),
                Staged("smoa.round2", {}, panel("proposer")),
                Staged("smoa.select2", second | {c.SMOA_ROUNDS_SPARED: 2}, [Made("judge", 0, A)]),
                Staged("smoa.aggregate", {}, [Made("aggregator", 0, A)]),
            ],
        )
    )
    [found] = rows("smoa_runs")
    has(found, rounds=2, rounds_spared=2, verdicts=2, read_first=1, read_repaired=1, unread=0, selected=3)
    has(found, passed_over=2, calls=9, cost_usd=0.27, input_tokens=900, output_tokens=270)
    one, two, three = rows("smoa_members")
    has(one, model=A, answered=2, selected=2, selection_rate=1, calls=2, cost_usd=0.06)
    has(two, model=B, answered=2, selected=1, selection_rate=0.5, calls=2, cost_usd=0.06)
    has(three, model=C, answered=1, selected=0, selection_rate=0, calls=2, cost_usd=0.06)


def test_debate(land, rows):
    """The end's figures, not the rounds': three flips over all, two of them to what led."""
    end = {c.DEBATE_ROUNDS: 2, c.DEBATE_FLIPS: 3, c.DEBATE_FOLLOWED: 2, c.DEBATE_CONSENSUS_ROUND: 2}
    end |= {c.DEBATE_MARGIN: 1 / 3, c.DEBATE_AGREEMENT: 2 / 3, c.DEBATE_WINNER: 1}
    rounds = [
        Staged(f"debate.round{number}", {c.DEBATE_ROUND: number, c.DEBATE_FLIPS: 1}, panel("agent"))
        for number in (1, 2)
    ]
    land(run("debate", [*rounds, Staged("debate.vote", end)]))
    written = {c.DEBATE_ROUNDS: 1, c.DEBATE_FLIPS: 0}
    land(run("debate", [Staged("debate.summary", written, [Made("summarizer", 0)])], trace=2, start_ms=9000))

    decided, summed_up = rows("debate_runs")
    has(decided, rounds=2, consensus_round=2, flips=3, followed=2, margin=1 / 3, agreement=2 / 3, winner=B)
    has(decided, calls=6, cost_usd=0.18)
    has(summed_up, rounds=1, consensus_round=None, winner=None, margin=None, calls=1, cost_usd=0.03)


def test_tumix(land, rows):
    """Clusters 1 1 1, then 2 1; `text` answers in both rounds and wins one run, `code` none."""
    names = ["text", "code", "search"]

    def tumix(trace, winner):
        first = {c.TUMIX_ROUND: 1, c.TUMIX_AGENTS: names, c.TUMIX_MARGIN: 0.0, c.TUMIX_ENTROPY: 1.585}
        second = {c.TUMIX_ROUND: 2, c.TUMIX_AGENTS: names, c.TUMIX_MARGIN: 1 / 3, c.TUMIX_ENTROPY: 0.918}
        return run(
            "tumix",
            [
                Staged("tumix.round1", first | {c.TUMIX_COVERAGE: 1.0}, panel("agent")),
                Staged("tumix.stop1", {c.TUMIX_STOP: False, c.TUMIX_CONFIDENCE: 0.4}, [Made("judge", 0)]),
                Staged("tumix.round2", second | {c.TUMIX_COVERAGE: 2 / 3}, panel("agent")[:2]),
                Staged("tumix.stop2", {c.TUMIX_STOP: True}, [Made("judge", 0)]),
                Staged(
                    "tumix.vote",
                    {
                        c.TUMIX_TIE_BROKEN: False,
                        c.TUMIX_WINNER: names.index(winner),
                        c.TUMIX_WINNER_AGENT: winner,
                    },
                ),
            ],
            trace=trace,
            start_ms=trace,
        )

    land(tumix(1, "text") + tumix(2, "search"))

    found, _ = rows("tumix_runs")
    has(found, rounds=2, first_margin=0, last_margin=1 / 3, first_entropy=1.585, last_entropy=0.918)
    has(found, coverage=2 / 3, confidence=0.4, tie_broken=False, winner_agent="text", calls=7, cost_usd=0.21)
    agents = {row["agent"]: row for row in rows("tumix_agents")}
    assert list(agents) == ["search", "text", "code"]
    has(agents["text"], runs=2, wins=1, win_share=0.5, calls=4, cost_usd=0.12)
    has(agents["code"], runs=2, wins=0, win_share=0, calls=4, cost_usd=0.12)
    has(agents["search"], runs=2, wins=1, win_share=0.5, calls=2, cost_usd=0.06)


def test_choices(land, rows):
    """Votes 3 of 5 against 1 and 1; marks 9 and 4, and one that could not be read; two of three pairs flipped."""
    vote = {c.SELF_CONSISTENCY_SAMPLES: 5, c.SELF_CONSISTENCY_AGREEMENT: 0.6, c.SELF_CONSISTENCY_MARGIN: 0.4}
    vote |= {
        c.SELF_CONSISTENCY_ENTROPY: 1.371,
        c.SELF_CONSISTENCY_DECIDED_BY: "vote",
        c.SELF_CONSISTENCY_WINNER: 2,
    }
    marks = {c.BEST_OF_N_SCORES: {"0": 9, "1": 4, "2": None}, c.BEST_OF_N_SPREAD: 5, c.BEST_OF_N_WINNER: 0}
    pairs = {c.JUDGE_FLIP_RATE: 2 / 3, c.JUDGE_WINNER: 1}
    samples = [Made("sample", index, A) for index in range(5)]
    land(run("self_consistency", [Staged("s", {}, samples), Staged("v", vote)], trace=1))
    land(
        run("best_of_n", [Staged("s", {}, samples[:3]), Staged("m", marks, [Made("judge", 0)] * 3)], trace=2)
    )
    land(
        run(
            "judge",
            [Staged("a", {}, panel("candidate")), Staged("v", pairs, [Made("judge", 0)] * 6)],
            trace=3,
        )
    )

    voted, marked, judged = rows("choices")
    has(voted, strategy="self_consistency", samples=5, agreement=0.6, margin=0.4, entropy=1.371, winner=2)
    has(voted, decided_by="vote", spread=None, flip_rate=None, winner_model=A, calls=5, cost_usd=0.15)
    has(marked, strategy="best_of_n", samples=3, spread=5, unmarked=1, margin=None, winner=0, calls=6)
    has(
        judged, strategy="judge", samples=3, flip_rate=2 / 3, winner=1, winner_model=B, calls=9, cost_usd=0.27
    )


def test_cascade(land, rows):
    """Three runs begin with A, marked 0.9, 0.5 and never (it failed); two go on, to a debate of two calls. The
    judge is 3 cents a mark."""

    def step(number, by, score=None, accepted=False):
        told = {c.CASCADE_STEP: number, c.CASCADE_DECIDED_BY: by, c.CASCADE_ACCEPTED: accepted}
        return told | ({} if score is None else {c.CASCADE_ACCEPT_SCORE: score})

    tested = [Made("step", 0, A, 1), Made("judge", 0, B, 3)]
    land(run("cascade", [Staged("cascade.step1", step(1, "judge", 0.9, True), tested)], trace=1))
    for trace, first in ((2, step(1, "judge", 0.5)), (3, step(1, "failed"))):
        made = tested if trace == 2 else [Made("step", 0, A, None)]
        land(
            run("cascade", [Staged("cascade.step1", first, made), Staged("cascade.step2", step(2, "last", None, True))],
                trace=trace)
            + run("debate", [Staged("d", {}, [Made("agent", 0, C), Made("agent", 1, C)])], trace=trace, first=20,
                  above=3 + len(made))
        )  # fmt: skip

    first, second = rows("cascade_steps")
    has(first, step=1, model=A, runs=3, accepted=1, acceptance_rate=1 / 3, escalated=2, escalation_rate=2 / 3)
    has(first, failed=1, mean_score=0.7, calls=5, cost_usd=0.08, unpriced_calls=1)
    has(first, answers_cost_usd=0.02, tests_cost_usd=0.06)
    has(second, step=2, model="composite", runs=2, accepted=2, escalated=0, failed=0, mean_score=None)
    has(second, calls=4, cost_usd=0.12, answers_cost_usd=0.12, tests_cost_usd=0)


def test_router(land, rows):
    """A rule sends two requests to `several`, a moa of two calls; a classifier (1 cent) one more, to a plain call."""
    ruled = {c.ROUTER_ROUTE: "several", c.ROUTER_CHOSEN_BY: "rule"}
    asked = {c.ROUTER_ROUTE: "direct", c.ROUTER_CHOSEN_BY: "classifier"}
    for trace in (1, 2):
        inner = run(
            "moa",
            [Staged("m", {}, [Made("proposer", 0), Made("aggregator", 0)])],
            trace=trace,
            first=20,
            above=3,
        )
        land(
            run("router", [Staged("router.choose", ruled), Staged("router.several", {})], trace=trace) + inner
        )
    choose = Staged("router.choose", asked, [Made("classifier", 0, B, 1)])
    land(run("router", [choose, Staged("router.direct", {}, [Made("route", 0)])], trace=3))

    several, direct = rows("router_routes")
    has(several, route="several", chosen_by="rule", runs=2, calls=4, cost_usd=0.12, choosing_cost_usd=0)
    has(
        direct, route="direct", chosen_by="classifier", runs=1, calls=2, cost_usd=0.04, choosing_cost_usd=0.01
    )


def test_fusion(land, rows):
    """Read: 2 insights only B had. Not read: no figures, and not 0 of them."""
    found = {c.FUSION_READ: "first", c.FUSION_CONSENSUS: 4, c.FUSION_CONTRADICTIONS: 1, c.FUSION_GAPS: 0}
    found |= {c.FUSION_BLIND_SPOTS: 3, c.FUSION_UNIQUE: {"0": 0, "1": 2, "2": 1}}
    for trace, told in ((1, found), (2, {c.FUSION_READ: "none"})):
        land(
            run(
                "fusion",
                [
                    Staged("p", {}, panel("member")),
                    Staged("a", told, [Made("judge", 0)]),
                    Staged("w", {}, [Made("writer", 0)]),
                ],
                trace=trace,
                start_ms=trace,
            )
        )
    was_read, was_not = rows("fusion_runs")
    has(
        was_read,
        read="first",
        consensus=4,
        contradictions=1,
        gaps=0,
        blind_spots=3,
        unique_insights=3,
        calls=5,
    )
    has(was_not, read="none", consensus=None, contradictions=None, unique_insights=None, cost_usd=0.15)
    first, second, third = rows("fusion_members")
    has(first, model=B, compared=1, unique_insights=2, unique_per_run=2, calls=2, cost_usd=0.06)
    assert [(row["model"], row["unique_insights"]) for row in (second, third)] == [(C, 1), (A, 0)]


def test_reflect(land, rows):
    """One run is accepted at once. Another is rewritten, then its critique cannot be read, and the judge takes the
    draft back."""

    def critique(verdict, **issues):
        told = {c.REFLECT_VERDICT: verdict}
        return Staged("c", told | ({c.REFLECT_ISSUES: issues} if issues else {}), [Made("critic", 0)])

    draft = Staged("reflect.draft", {}, [Made("writer", 0)])
    change = {c.REFLECT_CHANGED: 0.25, c.REFLECT_LENGTH_RATIO: 1.5}
    land(run("reflect", [draft, critique("accept", low=1, medium=0, high=0)], trace=1))
    rewritten = Staged("reflect.rewrite1", change, [Made("rewriter", 0)])
    compared = Staged("reflect.compare", {c.REFLECT_PICKED: "draft"}, [Made("judge", 0)])
    land(
        run(
            "reflect",
            [draft, critique("revise", low=1, medium=2, high=1), rewritten, critique("none"), compared],
            trace=2,
        )
    )

    first, second = rows("reflect_rounds")
    has(first, round=1, critiques=2, accepted=1, accept_rate=0.5, unread=0, issues_low=2, issues_medium=2)
    has(
        first,
        issues_high=1,
        rewrites=1,
        mean_changed=0.25,
        mean_length_ratio=1.5,
        picked_draft=1,
        picked_rewrite=0,
    )
    has(first, calls=3, cost_usd=0.09)
    has(
        second,
        round=2,
        critiques=1,
        accepted=0,
        unread=1,
        rewrites=0,
        mean_changed=None,
        picked_draft=0,
        calls=1,
    )


def test_think(land, rows):
    """Two thoughts of 10 and 30 characters, one after a tool, until none are left; a run without; and a moa's."""

    def thought(index, chars, after_tool):
        told = {c.THINK_INDEX: index, c.THINK_CHARS: chars, c.THINK_AFTER_TOOL: after_tool}
        return Staged("execute_tool think", told, under=0, span_type=c.THINK_STEP)

    stage = Staged("think", {c.THINK_USED_UP: True}, [Made("thinker", 0)] * 3)
    land(run("think", [stage, thought(0, 10, False), thought(1, 30, True)], trace=1))
    land(run("think", [Staged("think", {}, [Made("thinker", 0)])], trace=2, start_ms=10))
    land(
        run(
            "moa",
            [Staged("moa.layer1", {}, [Made("proposer", 0)] * 2), thought(0, 5, False)],
            trace=3,
            start_ms=20,
        )
    )
    land(run("moa", [Staged("moa.layer1", {}, [Made("proposer", 0)])], trace=4, start_ms=30))

    thought_of, without, of_moa = rows("think_runs")
    has(
        thought_of,
        strategy="think",
        thoughts=2,
        chars=40,
        after_tool=1,
        after_tool_share=0.5,
        used_up=True,
        calls=3,
    )
    has(without, strategy="think", thoughts=0, chars=0, after_tool_share=None, used_up=False, calls=1)
    has(of_moa, strategy="moa", thoughts=1, chars=5, after_tool=0, used_up=False, calls=2, cost_usd=0.06)


def test_rlm(land, rows):
    """A root with a turn and a cell; in the cell two leaf calls and two children, one of which reads what the other
    does. Depth 0: the turn and two leaves; depth 1: a turn each."""

    def node(depth, node_id, text, **more):
        told = {
            c.RLM_DEPTH: depth,
            c.RLM_NODE_ID: node_id,
            c.RLM_CONTEXT_SHA256: text,
            c.RLM_SUB_CALLS: 4 - 4 * depth,
        }
        return {**told, c.RLM_SUB_CALL_ERRORS: depth, c.RLM_DEPTH_LIMITED: 0, c.RLM_COMPACTIONS: 1, **more}

    end = {c.RLM_TERMINATION: "final", c.RLM_ITERATIONS: 2, c.RLM_COVERAGE: 0.75, c.ROLLUP_MAX_DEPTH: 1}
    size = {c.RLM_CONTEXT_CHARS: 4000, c.RLM_CONTEXT_TOKENS: 1000, c.RLM_BUDGET_USD: 0.5}
    cell = {c.REPL_EXIT: "ok", c.REPL_SANDBOX: "monty", c.REPL_SUB_CALLS: 4, c.REPL_TRUNCATED: True}
    failed = {c.REPL_EXIT: "exception", c.REPL_EXCEPTION_TYPE: "KeyError", c.REPL_SANDBOX: "monty"}
    land(
        run(
            "rlm",
            [
                Staged("root", node(0, "0", "aa") | end | size, span_type=c.RLM_NODE),
                Staged("rlm.turn1", {}, [Made("rlm_root", 0, A, 7)], under=0),
                Staged("repl", cell | {c.REPL_STDOUT_CHARS: 20}, [Made("rlm_leaf", 0, B, 1), Made("rlm_leaf", 1, B, None)],
                       under=1, span_type=c.REPL_EXEC),
                Staged("child", node(1, "0.0", "bb"), under=2, span_type=c.RLM_NODE),
                Staged("rlm[0].turn1", {}, [Made("rlm_node", 0, A, 5)], under=3),
                Staged("child", node(1, "0.1", "bb"), under=2, span_type=c.RLM_NODE),
                Staged("rlm[1].turn1", {}, [Made("rlm_node", 0, A, 5)], under=5),
                Staged("repl", failed | {c.REPL_STDOUT_CHARS: 3}, under=6, span_type=c.REPL_EXEC),
            ],
        )
    )  # fmt: skip
    root, children = rows("rlm_depths")
    has(
        root,
        depth=0,
        nodes=1,
        children=2,
        mean_fan_out=2,
        most_fan_out=2,
        leaf_calls=2,
        calls=3,
        unpriced_calls=1,
    )
    has(root, cost_usd=0.08, input_tokens=300)
    has(
        children,
        depth=1,
        nodes=2,
        children=0,
        mean_fan_out=0,
        leaf_calls=0,
        calls=2,
        cost_usd=0.10,
        unpriced_calls=0,
    )
    [found] = rows("rlm_runs")
    has(
        found,
        termination="final",
        depth_reached=1,
        nodes=3,
        iterations=2,
        context_chars=4000,
        context_tokens=1000,
    )
    has(
        found, coverage=0.75, sub_calls=4, sub_call_errors=2, depth_limited=0, compactions=3, repeated_texts=1
    )
    has(found, budget_in_usd=0.5, calls=5, cost_usd=0.18, unpriced_calls=1)
    keyed = {row["exit"]: row for row in rows("rlm_cells")}
    has(keyed["ok"], sandbox="monty", exception_type=None, cells=1, truncated=1, sub_calls=4, stdout_chars=20)
    has(keyed["exception"], exception_type="KeyError", cells=1, truncated=0, sub_calls=0, stdout_chars=3)


def test_halo(land, rows):
    """The first subtask's tree grows from 2 answers to 4, of which 2 led to the best; the second's has 1, which is
    it: 3 of 5 on a path."""

    def search(subtask, nodes, chosen):
        told = [{"node": number, "parent": 0, "score": 0.5} for number in range(1, nodes + 1)]
        found = {c.HALO_SUBTASK: subtask, c.HALO_NODES: told, c.HALO_CHOSEN: chosen}
        return Staged("halo.search", found, [Made("solver", 0), Made("judge", 0)])

    end = {c.HALO_SUBTASKS: 2, c.HALO_STOPPED_BY: "planner"}
    searches = [search(1, 2, [1]), search(1, 4, [1, 4]), search(2, 1, [1])]
    land(run("halo", [*searches, Staged("halo.answer", end, [Made("writer", 0)])]))

    [found] = rows("halo_runs")
    has(
        found,
        subtasks=2,
        stopped_by="planner",
        searches=3,
        nodes=5,
        chosen_nodes=3,
        unused_share=0.4,
        calls=7,
    )
    has(found, cost_usd=0.21)


def test_what_failed_before_it_found_anything_out_is_paid_for_all_the_same(land, rows):
    """The last step of a cascade and a rewrite whose models do not answer end with no word of what they came to; what
    their calls cost nobody knows."""
    lost = [Made("step", 0, A, None)]
    land(run("cascade", [Staged("cascade.step1", {}, lost)], trace=1))
    revise = Staged("reflect.critique1", {c.REFLECT_VERDICT: "revise"}, [Made("critic", 0)])
    land(run("reflect", [revise, Staged("reflect.rewrite1", {}, [Made("rewriter", 0, A, None)])], trace=2))

    [step] = rows("cascade_steps")
    has(step, step=1, model=A, runs=1, accepted=0, failed=1, cost_usd=None, unpriced_calls=1)
    [first] = rows("reflect_rounds")
    has(first, critiques=1, rewrites=0, mean_changed=None, calls=2, cost_usd=0.03, unpriced_calls=1)
