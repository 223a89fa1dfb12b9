"""What a stage found out: facts as badges, a council's ranking as a matrix, a judge's duels as a table."""

from collections.abc import Mapping
from math import isnan

import pandas as pd
import streamlit as st

from dashboard import fmt
from dashboard.conversation.found import Attributes, findings
from dashboard.conversation.verdicts import Ranking, duels_of, ranking_of
from dashboard.plain import in_markdown, line

NOT_ASKED, NOT_READ = "–", "?"


def found(attributes: Attributes, names: Mapping[int, str]) -> None:
    """`names` are those of the members whose answers were judged, by the index of their call."""
    facts = list(findings(attributes))
    if facts:
        with st.container(horizontal=True, gap="xsmall"):
            for fact in facts:
                st.badge(in_markdown(f"{fact.label}: {fact.value}", 160), color="gray")
    if ranking := ranking_of(attributes):
        _matrix(ranking, names)
    if duels_of(attributes):
        _duels(attributes, names)


def _matrix(ranking: Ranking, names: Mapping[int, str]) -> None:
    """Who ranked whom where: a row a reviewer, the ranks of a member below each other."""
    rows = [
        {"Reviewer": f"reviewer {ballot.reviewer + 1}"}
        | {
            _named(member, names): NOT_ASKED
            if member not in ballot.ranks
            else NOT_READ
            if isnan(ballot.ranks[member])
            else f"{ballot.ranks[member]:g}"
            for member in ranking.members
        }
        for ballot in ranking.ballots
    ]
    means = {
        _named(member, names): f"{ranking.mean_ranks[member]:.3g}"
        if member in ranking.mean_ranks
        else NOT_ASKED
        for member in ranking.members
    }
    columns = [_named(member, names) for member in ranking.members]
    st.dataframe(
        pd.DataFrame([*rows, {"Reviewer": "mean rank"} | means]),
        hide_index=True,
        width="content",
        column_config=dict.fromkeys(columns, st.column_config.TextColumn(alignment="center")),
        alt="Ranks that each reviewer gave each member's answer, 1 the best, and the mean rank of each member.",
    )
    st.caption(_agreement(ranking))


def _agreement(ranking: Ranking) -> str:
    said = ["1 is the best; – was not asked about, ? could not be read."]
    if ranking.agreement is not None:
        said.append(f"Agreement, Kendall's W: {ranking.agreement:.2f} (0 none, 1 all the same).")
    elif ranking.tau is not None:
        said.append(
            f"Agreement, the mean of Kendall's tau over pairs of reviewers: {ranking.tau:.2f} "
            "(1 the same order, −1 the reverse)."
        )
    else:
        said.append("No two reviewers ranked the same two answers, so that agreement cannot be told.")
    return " ".join(said)


def _duels(attributes: Attributes, names: Mapping[int, str]) -> None:
    duels = duels_of(attributes)
    st.dataframe(
        pd.DataFrame(
            {
                "First": [_named(duel.one, names) for duel in duels],
                "Second": [_named(duel.other, names) for duel in duels],
                "Winner": [_winner(duel.as_asked, names) for duel in duels],
                "Winner, other order": [_winner(duel.swapped, names) for duel in duels],
                "Turned by the order": ["yes" if duel.as_asked != duel.swapped else "" for duel in duels],
            }
        ),
        hide_index=True,
        width="content",
        alt="Pairs of answers, and which of them the judge preferred in either order.",
    )
    turned = sum(duel.as_asked != duel.swapped for duel in duels)
    st.caption(f"{turned} of {fmt.plural(len(duels), 'pair')} decided by the order alone.")


def _winner(member: int | None, names: Mapping[int, str]) -> str:
    return NOT_READ if member is None else _named(member, names)


def _named(member: int, names: Mapping[int, str]) -> str:
    return line(names.get(member) or f"member {member + 1}", 40)
