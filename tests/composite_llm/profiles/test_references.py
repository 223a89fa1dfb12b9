"""Profiles that name others, read from files."""

import pytest

from composite_llm.errors import BadRequest
from composite_llm.profiles import library
from composite_llm.request.reading import read_request

PROFILES = """\
profiles:
  chooser:
    strategy: router
    model: openai/gpt-4o
    routes: {deep: composite/thorough, typo: composite/thoruogh}
    rules: [{route: deep, tools: true}, {route: typo, tools: false}]
  thorough: {strategy: moa, model: openai/gpt-4o, proposers: [openai/gpt-4o-mini, composite/profile/quick]}
  quick: {strategy: direct, model: openai/gpt-4o-mini}
  one: {strategy: moa, model: openai/gpt-4o, proposers: composite/other}
  other:
    strategy: cascade
    model: openai/gpt-4o
    steps: [{model: composite/third, accept: validator}]
  third: {model: openai/gpt-4o, final: answer, steps: {answer: {mode: one}}}
  outside: {strategy: moa, model: openai/gpt-4o, proposers: [composite/one, composite/moa/openai/gpt-4o]}
"""


@pytest.fixture(autouse=True)
def profiles(tmp_path, monkeypatch):
    (tmp_path / "mine.yaml").write_text(PROFILES)
    monkeypatch.setenv("COMPOSITE_LLM_PROFILES", str(tmp_path))
    return tmp_path / "mine.yaml"


def test_what_is_not_there_or_never_ends_is_found_when_it_is_read(profiles):
    found = library()
    said = {name: [str(problem) for problem in problems] for name, problems in found.broken.items()}

    assert said == {
        "chooser": [
            f"{profiles}:2: profiles.chooser: asks composite/thoruogh, and there is none; did you mean 'thorough'?"
        ],
        "one": [f"{profiles}:9: profiles.one: goes in a circle: one asks other asks third asks one"],
        "other": [f"{profiles}:10: profiles.other: goes in a circle: other asks third asks one asks other"],
        "third": [f"{profiles}:14: profiles.third: goes in a circle: third asks one asks other asks third"],
    }
    assert {"thorough", "quick", "outside"} <= found.profiles.keys()


def test_whoever_asks_for_it_is_told_why():
    with pytest.raises(BadRequest, match="goes in a circle: one asks other asks third asks one"):
        read_request("one", {})
