"""A Mixture of Agents as one chat call, and what it cost. Without keys: COMPOSITE_LLM_SIMULATE=1."""

import composite_llm

response = composite_llm.completion(
    "composite/moa/openai/gpt-4o",
    [{"role": "user", "content": "Why is the sky blue?"}],
    proposers=["openai/gpt-4o-mini", "anthropic/claude-sonnet-4-5", "gemini/gemini-2.5-flash"],
)
receipt = composite_llm.receipt(response)

print(response.choices[0].message.content)
print(f"{len(receipt.calls)} calls, {receipt.seconds:.1f} s")
print(
    f"cost: {'unknown' if receipt.cost_usd is None else f'${receipt.cost_usd:.6f}'}, trace {receipt.trace_id}"
)
