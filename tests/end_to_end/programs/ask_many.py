"""Asks every question on standard input of MoA and of a council: `{"questions": …, "models": …, "base": …}`."""

import asyncio
import json
import sys

import composite_llm


async def main(questions, models, base):
    at_once = asyncio.Semaphore(8)

    async def ask(strategy, members, question):
        async with at_once:
            messages = [{"role": "user", "content": question}]
            await composite_llm.acompletion(f"composite/{strategy}/{base}", messages, **{members: models})

    await asyncio.gather(
        *(ask("moa", "proposers", question) for question in questions),
        *(ask("council", "council_models", question) for question in questions),
    )


asyncio.run(main(**json.load(sys.stdin)))
