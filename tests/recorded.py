"""A model server that answers what a test has written down, over real HTTP.

    with recorded(tmp_path, {"Why is the sky blue?": {"gpt-4o": "Scattering."}}) as server: ...

The longest instruction that stands in a request's last user turn decides, so what is answered may depend
on what an earlier call has said.
"""

import json
from contextlib import contextmanager

from composite_llm.simulator import Simulator

QUESTION = "Why?"  # shorter than whatever a test has answered otherwise
ASKED = [{"role": "user", "content": QUESTION}]


def used(content, tokens_in, tokens_out):
    """An answer that reports exactly these tokens."""
    return {"content": content, "usage": {"prompt_tokens": tokens_in, "completion_tokens": tokens_out}}


@contextmanager
def recorded(tmp_path, monkeypatch, answers):
    file = tmp_path / "answers.jsonl"
    lines = [{"instruction": asked, "outputs": outputs} for asked, outputs in answers.items()]
    file.write_text("\n".join(map(json.dumps, lines)))
    with Simulator(speed=0, replay=file, windows=False) as server:
        monkeypatch.setenv("COMPOSITE_LLM_SIMULATOR", server.url)
        yield server
