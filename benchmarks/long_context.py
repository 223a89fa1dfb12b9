"""A question over 400 real answers, about a million characters: no model here reads them in one prompt.

The root model says what is written down below, and the sub-model is a stand-in that counts what stands in its prompt;
so what is shown is that the text is cut, handed out, read once and put together again without a loss, that no call is
longer than its model's window, and what it costs. Beside it the same question by one plain call.
"""

import gzip
import json
import os
import re
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import litellm

import composite_llm
from benchmarks.figures import Figure
from composite_llm.accounting.receipts import receipt
from composite_llm.simulator import Simulator, chat
from composite_llm.simulator.directive import parse_directive
from composite_llm.simulator.request import ChatRequest, parse_request
from composite_llm.simulator.windows import window_of

DATA = "COMPOSITE_LLM_ALPACA_EVAL"
"""Where the recorded answers are, if not beside this checkout."""
BESIDE = Path(__file__).parents[1] / "../shared/data/alpaca_eval/outputs.jsonl.gz"
SYSTEM = "Meta-Llama-3-70B-Instruct"  # the longest answers of the ten systems
ROOT, SUB = "openai/gpt-4o", "openai/gpt-4o-mini"
BUDGET_USD = 0.25

MARK = "@@@ record "
LISTED = re.compile(r"^\s*\d+[.)] ", re.MULTILINE)
QUESTION = (
    "Each record above is an instruction and an answer. How many answers hold a numbered list of at least three "
    "points, how many do not, and which record's answer is the longest? Reply with JSON: "
    '{"listed": …, "others": …, "longest": <number of the record>}'
)
Record = tuple[str, str]
"""An instruction and its answer."""


def recorded() -> list[Record]:
    """FileNotFoundError where the data is not here."""
    with gzip.open(os.environ.get(DATA) or BESIDE, "rt", encoding="utf-8") as lines:
        return [(entry["instruction"], entry["outputs"][SYSTEM]) for entry in map(json.loads, lines)]


def text_of(records: Sequence[Record]) -> str:
    return "".join(
        f"{MARK}{number} @@@\nInstruction: {asked}\nAnswer: {answer}\n"
        for number, (asked, answer) in enumerate(records, 1)
    )


def right_answer(records: Sequence[Record]) -> dict[str, int]:
    """By plain Python."""
    listed = sum(is_listed(answer) for _, answer in records)
    longest = max(range(len(records)), key=lambda place: len(records[place][1]))
    return {"listed": listed, "others": len(records) - listed, "longest": longest + 1}


def is_listed(answer: str) -> bool:
    return len(LISTED.findall(answer)) >= 3


LOOK = """I look at the text first.
```repl
print(len(context), context[:200])
print(grep("^@@@ record", most=3))
```"""

ASK = """The records have marks. I pack whole ones into as few prompts as will hold them, and have each counted.
```repl
records = ["@@@ record " + part for part in context.split("@@@ record ")[1:]]
packs = [""]
for record in records:
    if len(packs[-1]) + len(record) > %(room)d:
        packs.append("")
    packs[-1] += record
counts = [json.loads(said) for said in llm_query_batched(["Count the lists.\\n" + pack for pack in packs])]
print(len(records), len(packs), counts)
```"""

END = """Every record was counted once. Lengths are a matter of code.
```repl
assert sum(count["records"] for count in counts) == len(records)
listed = sum(count["listed"] for count in counts)
lengths = [len(record.split("\\nAnswer: ", 1)[1]) for record in records]
longest = max(range(len(records)), key=lambda place: lengths[place]) + 1
SUBMIT(listed=listed, others=len(records) - listed, longest=longest)
```"""


@dataclass(slots=True)
class Heard:
    requests: list[ChatRequest] = field(default_factory=list[ChatRequest])

    @property
    def fullest(self) -> float:
        """The largest share of its model's window that a prompt took."""
        return max(request.prompt_tokens / (window_of(request.model) or 1) for request in self.requests)


@contextmanager
def scripted(room: int) -> Generator[Heard]:
    """A simulator whose root model says the above, and whose others count; `room`: characters of one prompt."""
    heard, turns = Heard(), [LOOK, "```repl\nimport json\n```\n" + ASK % {"room": room}, END]

    def parsed(raw: bytes) -> ChatRequest:
        request = parse_request(raw)
        heard.requests.append(request)
        said = request.messages[-1].content
        turn = re.findall(r"Turn (\d+)/", said)
        content = (
            turns[int(turn[-1]) - 1] if turn else counted("\n".join(m.content for m in request.messages))
        )
        return replace(request, directive=parse_directive({"content": content}))

    chat.parse_request = parsed
    try:
        with Simulator(speed=0) as server:
            os.environ["COMPOSITE_LLM_SIMULATOR"] = server.url
            composite_llm.register()
            yield heard
    finally:
        chat.parse_request = parse_request
        del os.environ["COMPOSITE_LLM_SIMULATOR"]


def counted(prompt: str) -> str:
    """What the stand-in says of the records in its prompt."""
    answers = [part.partition("\nAnswer: ")[2] for part in prompt.split(MARK)[1:]]
    return json.dumps({"records": len(answers), "listed": sum(map(is_listed, answers))})


def ask(strategy: str, text: str, **parameters: Any) -> Any:
    messages = [{"role": "user", "content": text}, {"role": "user", "content": QUESTION}]
    return composite_llm.completion(f"composite/{strategy}/sim/{ROOT}", messages, **parameters)


def explored(text: str, **parameters: Any) -> Any:
    return ask("rlm", text, sub_model=f"sim/{SUB}", max_cost_usd=BUDGET_USD, **parameters)


def measure() -> list[Figure]:
    try:
        records = recorded()
    except FileNotFoundError as missing:
        return [Figure("a question over 400 real answers", f"skipped: {missing.filename} is not here")]
    text, right = text_of(records), right_answer(records)
    with scripted(room=250_000) as heard:
        started = time.perf_counter()
        response = explored(text)
        seconds = time.perf_counter() - started
        found, told, fullest = (
            json.loads(response.choices[0].message.content),
            receipt(response),
            heard.fullest,
        )
        refused = _refusal(text)
        cut = json.loads(ask("direct", text[: window_of(ROOT) * 4 - 4000]).choices[0].message.content)
    what = f"{len(records)} real answers, {len(text):,} characters"
    return [
        Figure(f"rlm over {what}", "right" if found == right else f"wrong: {found} for {right}", "right"),
        Figure("its calls, the fullest window", f"{len(told.calls)}, {fullest:.0%}", "≤ 100 %"),
        Figure("its cost, of its budget", f"${told.cost_usd:.4f} of ${BUDGET_USD:.2f}", "within"),
        Figure("its time, with models that answer at once", f"{seconds:.1f} s"),
        Figure("the same by one plain call", refused),
        Figure(
            "the same, cut to the window",
            f"{cut['listed']} lists in {cut['records']} answers; there are {right['listed']} in {len(records)}",
        ),
    ]


def _refusal(text: str) -> str:
    try:
        ask("direct", text)
    except litellm.ContextWindowExceededError as error:
        return f"refused: {type(error).__name__}"
    return "answered"
