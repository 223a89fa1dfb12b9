"""Recorded answers, replayed."""

import gzip
import json
from pathlib import Path

import pytest

from composite_llm.simulator import OptionError, ReplayFileError, Simulator

ALPACA_EVAL = Path(__file__).parents[2] / "../shared/data/alpaca_eval/outputs.jsonl.gz"
BERLIN = {
    "instruction": "Who made Berlin?",
    "outputs": {
        "gpt-4o": "Settlers of the 13th century.",
        "Qwen1.5-72B-Chat": {
            "content": "Its citizens.",
            "usage": {"prompt_tokens": 40, "completion_tokens": 9},
        },
    },
}
WALL = {"instruction": "Who made Berlin? And who the wall?", "outputs": {"gpt-4o": "The GDR built the wall."}}
SCHEMA = {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "boolean"}}}


@pytest.fixture(scope="module")
def recorded(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("replay") / "answers.jsonl"
    path.write_text(f"{json.dumps(BERLIN)}\n\n{json.dumps(WALL)}\n")
    return path


@pytest.fixture(scope="module")
def replaying(recorded):
    with Simulator(speed=0, replay=recorded, aliases={"best": "gpt-4o"}) as running:
        yield running


@pytest.mark.parametrize("model", ["gpt-4o", "openai/gpt-4o", "best", "openai/best", "azure/eu/gpt-4o"])
def test_a_model_is_found_by_its_key_its_alias_or_its_own_name(text, replaying, model):
    assert text("Who made Berlin?", to=replaying, model=model) == "Settlers of the 13th century."


@pytest.mark.parametrize(
    ("prompt", "answer"),
    [
        ("  Who made Berlin?\n", "Settlers of the 13th century."),
        ("Rank the answers to: Who made Berlin?\nResponse A: ...", "Settlers of the 13th century."),
        ("Rank the answers to: Who made Berlin? And who the wall?", "The GDR built the wall."),
    ],
)
def test_a_question_is_recognised_alone_and_as_the_longest_inside_a_prompt(text, replaying, prompt, answer):
    assert text(prompt, to=replaying) == answer


def test_references_in_the_system_message_do_not_hide_the_question(text, replaying):
    references = {"role": "system", "content": "1. Who made Berlin? And who the wall? is a good question."}
    messages = [references, {"role": "user", "content": "Who made Berlin?"}]

    assert text(messages=messages, to=replaying) == "Settlers of the 13th century."


def test_a_recorded_usage_is_reported_and_a_missing_one_counted(usage, replaying):
    stated = usage("Who made Berlin?", to=replaying, model="together_ai/Qwen/Qwen1.5-72B-Chat")
    counted = usage("Who made Berlin?", to=replaying)

    assert (stated["prompt_tokens"], stated["completion_tokens"], stated["total_tokens"]) == (40, 9, 49)
    # 16 characters asked, 29 answered.
    assert (counted["prompt_tokens"], counted["completion_tokens"]) == (4, 8)


def test_a_recorded_answer_that_is_cut_is_counted_anew(usage, replaying):
    counted = usage("Who made Berlin?", to=replaying, model="Qwen1.5-72B-Chat", max_tokens=2)

    assert counted["completion_tokens"] == 2


def test_what_is_not_recorded_is_refused_and_the_nearest_named(ask, replaying):
    question = ask("Who made Bern?", to=replaying)
    model = ask("Who made Berlin?", to=replaying, model="gpt-4o-mini")

    assert question.status_code == model.status_code == 404
    message = question.json()["error"]["message"]
    assert "'Who made Bern?'" in message
    assert "Nearest recorded: 'Who made Berlin?'" in message
    assert "'gpt-4o-mini'. Nearest recorded: 'gpt-4o'" in model.json()["error"]["message"]
    assert replaying.requests[-1].outcome == "not_recorded"


def test_an_instruction_is_not_recognised_inside_a_word(ask, tmp_path):
    path = tmp_path / "short.jsonl"
    path.write_text(json.dumps({"instruction": "art", "outputs": {"gpt-4o": "Beauty."}}))
    with Simulator(speed=0, replay=path) as simulator:
        assert ask("Where does it start?", to=simulator).status_code == 404
        assert ask("Define: art", to=simulator).status_code == 200


def test_a_schema_is_answered_also_for_what_is_not_recorded(text, replaying):
    assert text("Who made Bern?", to=replaying, response_format=SCHEMA) in ("true", "false")
    assert text("Who made Berlin?", to=replaying, response_format=SCHEMA) in ("true", "false")


def test_a_compressed_file_is_read_too(text, recorded, tmp_path):
    packed = tmp_path / "answers.jsonl.gz"
    packed.write_bytes(gzip.compress(recorded.read_bytes()))
    with Simulator(speed=0, replay=packed) as simulator:
        assert text("Who made Berlin?", to=simulator) == "Settlers of the 13th century."


@pytest.mark.parametrize(
    ("second_line", "said"),
    [
        ("{", "not valid JSON"),
        ("[]", "'line' must be a JSON object"),
        ('{"outputs": {}}', "'instruction' must be a string, not null"),
        ('{"instruction": "", "outputs": {}}', "'instruction' is empty"),
        ('{"instruction": "x", "outputs": []}', "'outputs' must be a JSON object"),
        ('{"instruction": "x", "outputs": {"m": {}}}', "'outputs.m.content' must be a string"),
        (
            '{"instruction": "x", "outputs": {"m": {"content": "", "usage": {"prompt_tokens": "1"}}}}',
            "prompt_tok",
        ),
    ],
)
def test_a_bad_line_is_named_with_its_file(tmp_path, second_line, said):
    path = tmp_path / "bad.jsonl"
    path.write_text(f"{json.dumps(BERLIN)}\n{second_line}\n")

    with pytest.raises(ReplayFileError, match="bad.jsonl, line 2: ") as raised:
        Simulator(replay=path)
    assert said in str(raised.value)


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe\x00", gzip.compress(b"{}")[:-6], b"\x1f\x8bnot gzip"],
    ids=["empty", "no text", "cut short", "not gzip"],
)
def test_a_file_that_holds_no_answers_is_refused(tmp_path, content):
    path = tmp_path / "broken"
    path.write_bytes(content)

    with pytest.raises(ReplayFileError, match="broken"):
        Simulator(replay=path)


def test_a_file_that_is_absent_is_refused(tmp_path):
    with pytest.raises(ReplayFileError, match="absent.jsonl: cannot be read"):
        Simulator(replay=tmp_path / "absent.jsonl")


def test_an_alias_of_an_unrecorded_model_is_refused(recorded):
    with pytest.raises(OptionError, match="best=gpt-40 names no recorded model; nearest: 'gpt-4o'"):
        Simulator(replay=recorded, aliases={"best": "gpt-40"})


@pytest.mark.skipif(not ALPACA_EVAL.exists(), reason="the recorded answers of AlpacaEval are not here")
def test_four_hundred_real_instructions_are_replayed_word_for_word(ask):
    with gzip.open(ALPACA_EVAL, "rt", encoding="utf-8") as file:
        lines = [json.loads(line) for line in file]
    with Simulator(speed=0, replay=ALPACA_EVAL) as simulator:
        assert simulator.recorded_instructions == 400
        for line in lines[::20]:
            for model in ("openai/gpt-4o-2024-05-13", "together_ai/Qwen/Qwen1.5-72B-Chat"):
                answer = ask(line["instruction"], to=simulator, model=model).json()
                recorded = line["outputs"][model.rsplit("/", 1)[-1]]
                assert answer["choices"][0]["message"]["content"] == recorded
                assert answer["usage"]["completion_tokens"] == -(-len(recorded) // 4)
