"""Profiles: a strategy, its models and limits under one name. `composite-llm modes` lists them."""

import composite_llm

question = [{"role": "user", "content": "Why is the sky blue?"}]
for profile in ("plain", "moa-light"):
    response = composite_llm.completion(f"composite/{profile}", question)
    receipt = composite_llm.receipt(response)
    cost = "unknown" if receipt.cost_usd is None else f"${receipt.cost_usd:.6f}"
    print(f"{profile}: {len(receipt.calls)} calls, {cost}")
