"""The tool `python`: models run code with it, in a sandbox."""

from composite_llm.tools.registry import register_tool

PYTHON = "python"


async def python(code: str) -> str:
    """Run Python code and return what it prints. Each call starts anew: nothing is kept from one to the next.
    There are no files, no network, and only a part of the standard library."""
    from composite_llm.sandbox import Limits
    from composite_llm.sandbox.choosing import sandbox_named

    async with await sandbox_named("auto").open(Limits(), {}) as session:
        result = await session.run(code)
    error = f"{result.error}" if result.error else ""
    return "\n".join(filter(None, [result.stdout.rstrip("\n"), error])) or "(It printed nothing.)"


register_tool(python, name=PYTHON)
