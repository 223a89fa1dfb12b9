"""A composite's last call streams; the usage in the last chunk is that of all calls together."""

import asyncio

import composite_llm


async def main() -> None:
    stream = await composite_llm.acompletion(
        "composite/moa/openai/gpt-4o",
        [{"role": "user", "content": "Why is the sky blue?"}],
        proposers=["openai/gpt-4o-mini", "anthropic/claude-sonnet-4-5"],
        stream=True,
        stream_options={"include_usage": True},
    )
    async for chunk in stream:
        if chunk.choices and chunk.choices[0].delta.content:
            print(chunk.choices[0].delta.content, end="", flush=True)
        if usage := getattr(chunk, "usage", None):
            print(f"\n{usage.prompt_tokens} tokens in, {usage.completion_tokens} out")


asyncio.run(main())
