"""Any OpenAI client and a running proxy: `composite-llm serve` starts one at this address."""

import os

from openai import OpenAI

client = OpenAI(
    base_url=os.environ.get("OPENAI_BASE_URL", "http://127.0.0.1:4000/v1"),
    api_key=os.environ.get("LITELLM_MASTER_KEY", "none-needed"),
)
raw = client.chat.completions.with_raw_response.create(
    model="composite/moa/sim/openai/gpt-4o",
    messages=[{"role": "user", "content": "Why is the sky blue?"}],
    extra_body={"proposers": ["sim/openai/gpt-4o-mini", "sim/anthropic/claude-sonnet-4-5"]},
)

print(raw.parse().choices[0].message.content)
print("cost in dollars:", raw.headers["x-litellm-response-cost"])
