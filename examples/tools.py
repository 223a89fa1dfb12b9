"""Tools: only the final model may call them, the members read along. Here they run inside, so text comes back."""

import composite_llm


def weather(city: str) -> str:
    return f"17 degrees and rain in {city}"


parameters = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
tool = {
    "type": "function",
    "function": {"name": "weather", "description": "Weather now", "parameters": parameters},
}

response = composite_llm.completion(
    "composite/moa/openai/gpt-4o",
    [{"role": "user", "content": "What is the weather in Oslo? Use the weather tool."}],
    proposers=["openai/gpt-4o-mini", "anthropic/claude-sonnet-4-5"],
    tools=[tool],
    tool_executor={"weather": weather},
)

print(response.choices[0].message.content)
for call in composite_llm.receipt(response).calls:
    print(f"{call.stage:15} {call.role:12} {call.model:35} {call.outcome}")
