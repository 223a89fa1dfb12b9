"""`composite-llm demo`: records sample runs, so that the dashboard has something to show."""

import asyncio
import json as json_lines
from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Print one JSON line per finished run instead of a bar.")]


def demo(json: Json = False) -> None:
    """Record sample runs over the offline simulator. Nothing leaves this machine.

    Example: composite-llm demo
    """
    asyncio.run(_print_lines() if json else _draw_bar())


async def _print_lines() -> None:
    from composite_llm import samples

    done = 0
    async for sample in samples.record():
        done += 1
        print(
            json_lines.dumps({"done": done, "total": len(samples.SAMPLES), "what": sample.title}), flush=True
        )


async def _draw_bar() -> None:
    from rich.progress import Progress

    from composite_llm import samples

    with Progress() as progress:
        task = progress.add_task("Recording sample runs", total=len(samples.SAMPLES))
        async for _ in samples.record():
            progress.advance(task)
