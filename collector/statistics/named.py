"""The statistics as questions, by name: each is made of the answers to two others, so none has an SQL file."""

from collections.abc import Callable

import pyarrow as pa

from collector.parameters import RunsOf
from collector.statistics.cascade import cascade_steps
from collector.statistics.choices import choices
from collector.statistics.council import council_members, council_runs
from collector.statistics.debate import debate_runs
from collector.statistics.fusion import fusion_members, fusion_runs
from collector.statistics.halo import halo_runs
from collector.statistics.reflect import reflect_rounds
from collector.statistics.rlm import rlm_depths, rlm_runs
from collector.statistics.rlm_cells import rlm_cells
from collector.statistics.router import router_routes
from collector.statistics.smoa import smoa_members, smoa_runs
from collector.statistics.think import think_runs
from collector.statistics.tumix import tumix_agents, tumix_runs
from collector.store.interface import Answers

STATISTICS: dict[str, Callable[[Answers, RunsOf], pa.Table]] = {
    "cascade_steps": cascade_steps,
    "choices": choices,
    "council_members": council_members,
    "council_runs": council_runs,
    "debate_runs": debate_runs,
    "fusion_members": fusion_members,
    "fusion_runs": fusion_runs,
    "halo_runs": halo_runs,
    "reflect_rounds": reflect_rounds,
    "rlm_cells": rlm_cells,
    "rlm_depths": rlm_depths,
    "rlm_runs": rlm_runs,
    "router_routes": router_routes,
    "smoa_members": smoa_members,
    "smoa_runs": smoa_runs,
    "think_runs": think_runs,
    "tumix_agents": tumix_agents,
    "tumix_runs": tumix_runs,
}
