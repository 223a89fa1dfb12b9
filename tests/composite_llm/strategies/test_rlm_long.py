"""The benchmark's question over a long text, with a text made up here: 60 records, 600,000 characters."""

import json

import litellm
import pytest

from benchmarks.long_context import BUDGET_USD, ask, explored, right_answer, scripted, text_of
from composite_llm import conventions as c
from composite_llm.accounting.receipts import receipt
from tests.composite_llm.strategies.exploring import of_type, said, the_root

LIST = "1. one\n2. two\n3. three\n"
RECORDS = [
    (
        f"instruction {number}",
        (LIST if number % 3 else "no list\n") + f"filler {number} " * 1000 + "x" * number,
    )
    for number in range(60)
]


def test_a_text_no_window_holds_is_counted_right_within_windows_and_budget(spans):
    """Forty of sixty numbers are no multiples of three; the last record is the longest."""
    text = text_of(RECORDS)
    assert right_answer(RECORDS) == {"listed": 40, "others": 20, "longest": 60}
    assert len(text) / 4 > 128_000  # tokens, as the simulator counts, and gpt-4o's window

    with scripted(room=200_000) as heard:
        response = explored(text)

        assert json.loads(said(response)) == right_answer(RECORDS)
        assert heard.fullest < 1
        assert len(heard.requests) == 3 + 4  # turns, and packs of at most 200,000 characters
        assert receipt(response).cost_usd <= BUDGET_USD
        assert the_root(spans).attributes[c.RLM_COVERAGE] == 1.0
        assert len(of_type(spans, c.REPL_EXEC)) == 4

        with pytest.raises(litellm.ContextWindowExceededError):
            ask("direct", text)
        cut = json.loads(said(ask("direct", text[:500_000])))
        assert cut["listed"] < 40
