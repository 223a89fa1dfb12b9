"""Files of profiles: what is wrong is said with file, line and field, and the rest can be used."""

import os

import pytest

from composite_llm import profiles
from composite_llm.profiles import library


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Writes a file of profiles into the folder that is looked at, and gives its path."""
    monkeypatch.setenv("COMPOSITE_LLM_PROFILES", str(tmp_path))

    def put(text, name="mine.yaml"):
        (tmp_path / name).write_text(text)
        return tmp_path / name

    return put


def problems(file):
    return [str(each).removeprefix(f"{file}:") for each in library().all_problems]


GOOD = """\
profiles:
  quick:
    strategy: moa
    model: openai/gpt-4o
    proposers: openai/gpt-4o-mini × 2
    temperature: 0.2
"""


def test_a_profile_is_a_call_written_down(write):
    write(GOOD)

    quick = profiles.find("quick")

    assert (quick.strategy.name, quick.base_model, quick.line) == ("moa", "openai/gpt-4o", 2)
    assert quick.parameters.models("openai/gpt-4o") == ["openai/gpt-4o-mini"] * 2 + ["openai/gpt-4o"]
    assert quick.given.client == {"temperature": 0.2}


def test_what_is_bundled_can_all_be_used():
    found = library()

    assert found.all_problems == []
    assert {"plain", "moa-light", "council-of-three", "moa-then-reflect", "moa-think"} <= set(found.profiles)
    assert all(profile.description for profile in found.profiles.values())


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (
            "    layers: 1",
            "6: profiles.quick.layers: input should be greater than or equal to 2, not 1",
        ),
        ("    n: many", "6: profiles.quick.n: must be a whole number of at least 1, not 'many'"),
        ("    layer: 3", "6: profiles.quick.layer: there is no parameter 'layer'; did you mean 'layers'?"),
        (
            "    budget: {max_cost_usd: -1}",
            "6: profiles.quick.budget.max_cost_usd: input",
        ),
        (
            "    prompts: {agregate: x}",
            "6: profiles.quick.prompts.agregate: there is no such",
        ),
        (
            "    prompts: {aggregate: '{{refs}}'}",
            "6: profiles.quick.prompts.aggregate: {{refs}}",
        ),
        ("    prompts: {aggregate: {file: no.md}}", "6: profiles.quick.prompts: /"),
        ("    aggregator: acme-9", "6: profiles.quick.aggregator: 'acme-9' names no provider LiteLLM knows"),
        (
            "    aggregator: fast",
            "6: profiles.quick.aggregator: 'fast' names no provider LiteLLM knows. Write provider/model, such as openai/"
            + "gpt-4o. A Router's model group can stand in its deployments and in calls, not in a profile.",
        ),
        ("    stream: true", "6: profiles.quick.stream: there is no parameter 'stream'"),
        ("    api_key: sk-1", "6: profiles.quick.api_key: there is no parameter 'api_key'"),
        ("    description: [1]", "6: profiles.quick.description: must be text, not [1]"),
        ("    proposers: a/b", "6: profiles.quick.proposers: stands here a second time; first in line 5"),
        ("   layers: 3", "6: is no YAML: "),
    ],
)
def test_what_is_wrong_is_said_with_its_line_and_field(write, wrong, said):
    file = write(GOOD.replace("    temperature: 0.2\n", f"{wrong}\n"))

    [problem] = problems(file)

    assert problem.startswith(said)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- a list", "1: holds no profiles: write them under `profiles:`, by name"),
        ("", " holds no profiles: write them under `profiles:`, by name"),
        ("profiles: {}", "1: holds no profiles"),
        ("profiles: {x: null}", "1: profiles.x: must hold `strategy:` or `steps:`"),
        ("profiles:\n  x: {model: a/b}", "2: profiles.x: needs either `strategy:`"),
        (
            "profiles:\n  x: {strategy: moe}",
            "2: profiles.x.strategy: there is no strategy 'moe'; did you mean 'moa'?",
        ),
        ("profiles:\n  x: {strategy: direct}", "2: profiles.x.model: is missing: name the base model"),
        (
            "profiles:\n  moa: {strategy: direct, model: openai/x}",
            "2: profiles.moa: 'moa' means something else already",
        ),
        ("profiles:\n  [2, 3]: {strategy: direct}", "2: is no YAML: while constructing a mapping"),
        ("profiles:\n  2: {strategy: direct}", "2: profiles.2.model: is missing"),
        ("profiles:\n  a/b: {strategy: direct}", "2: profiles.a/b: a name is letters, digits"),
        (
            "profiles:\n  replicate-study: {strategy: direct, model: openai/x}",
            "2: profiles.replicate-study: LiteLLM sends any model with 'replicate' in its name elsewhere",
        ),
        (
            "profiles:\n  responses: {strategy: direct, model: openai/x}",
            "2: profiles.responses: 'responses' means",
        ),
        ("profile:\n  x: {}", "1: holds no profiles"),
        ("a: &a [*a]", " has more than 100000 entries"),
    ],
)
def test_a_file_or_name_that_cannot_stand_is_said_to_be_so(write, text, said):
    file = write(text)

    [problem] = problems(file)

    assert problem.startswith(said), problem


def test_aliases_that_multiply_are_refused_before_they_do(write):
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    file = write("\n".join(rows))

    assert problems(file) == [" has more than 100000 entries"]


def test_one_that_is_wrong_does_not_take_the_others_with_it(write):
    write(GOOD + "  broken: {strategy: moa, model: openai/gpt-4o}\n")

    assert profiles.find("quick")
    assert profiles.find("broken") is None
    [problem] = profiles.problems_of("broken")
    assert (problem.line, problem.field) == (7, "profiles.broken.proposers")
    assert problem.message.startswith("is required, such as proposers=")


def test_anchors_and_merges_are_read(write):
    write(
        "profiles:\n"
        "  one: &one {strategy: direct, model: openai/gpt-4o, temperature: 0.1}\n"
        "  two: {<<: *one, temperature: 0.9}\n"
    )

    assert profiles.find("one").given.client == {"temperature": 0.1}
    assert profiles.find("two").given.client == {"temperature": 0.9}
    assert profiles.find("two").base_model == "openai/gpt-4o"


def test_a_changed_file_is_read_anew_and_an_unchanged_one_is_not(write):
    file = write(GOOD)
    first = profiles.find("quick")
    assert profiles.find("quick") is first

    write(GOOD.replace("gpt-4o-mini × 2", "gpt-4o-mini × 3"))
    os.utime(file, ns=(1, 1))

    assert len(profiles.find("quick").parameters.proposers) == 3
    assert profiles.find("quick").hash != first.hash


def test_a_changed_prompt_file_changes_the_profile(write, tmp_path):
    (tmp_path / "prompts").mkdir()
    prompt = tmp_path / "prompts" / "aggregate.md"
    prompt.write_text("Be brief: {{answers}}")
    write(GOOD + "    prompts: {aggregate: {file: prompts/aggregate.md}}\n")
    first = profiles.find("quick")
    assert first.options.prompts == {"aggregate": "Be brief: {{answers}}"}

    prompt.write_text("Be long: {{answers}}")
    os.utime(prompt, ns=(1, 1))

    assert profiles.find("quick").options.prompts == {"aggregate": "Be long: {{answers}}"}
    assert profiles.find("quick").hash != first.hash


def test_a_persons_own_takes_the_place_of_a_bundled_one_and_the_first_of_two_holds(write):
    write("profiles:\n  plain: {strategy: direct, model: openai/gpt-4o-mini}\n", "a.yaml")
    second = write("profiles:\n  plain: {strategy: direct, model: openai/o3}\n", "b.yml")

    assert profiles.find("plain").base_model == "openai/gpt-4o-mini"
    [problem] = problems(second)
    assert problem.startswith("2: profiles.plain: is defined in ")
    assert "a.yaml:2 already, and that one holds" in problem


def test_a_broken_one_is_not_replaced_by_the_bundled_one_it_was_meant_to_replace(write):
    write("profiles:\n  plain: {strategy: direct, model: openai/gpt-4o, temprature: 1}\n")

    assert profiles.find("plain") is None
    assert "did you mean 'temperature'?" in profiles.problems_of("plain")[0].message


def test_a_folder_that_is_named_and_missing_is_a_problem_and_the_default_one_is_not(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert library().all_problems == []

    monkeypatch.setenv("COMPOSITE_LLM_PROFILES", f"nowhere{os.pathsep}nor-here")
    assert [str(each) for each in library().all_problems] == [
        f"{tmp_path}/nowhere: is named by COMPOSITE_LLM_PROFILES and is not there",
        f"{tmp_path}/nor-here: is named by COMPOSITE_LLM_PROFILES and is not there",
    ]


def test_profiles_in_the_working_folder_are_found(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COMPOSITE_LLM_PROFILES", raising=False)
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "mine.yaml").write_text(GOOD)

    assert profiles.find("quick").base_model == "openai/gpt-4o"
