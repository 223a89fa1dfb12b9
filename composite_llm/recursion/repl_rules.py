"""What code may do in the REPL, told to the model that writes it: each sandbox has its own limits."""

_EVERYWHERE = "There are no files, no network and no other programs."

_RULES = {
    "monty": (
        "- The REPL is a small Python. It has asyncio, base64, bisect, collections, copy, csv, dataclasses, datetime, "
        "decimal, functools, hashlib, itertools, json, math, random, re, typing and unicodedata; it has no numpy or "
        f"pandas, no generator functions (`yield`), no `del`, and no classes that inherit. {_EVERYWHERE}"
    ),
    "locked": f"- The REPL is Python with its standard library, without threads and processes. {_EVERYWHERE}",
    "unsafe_local": "- The REPL is Python with its standard library.",
}


def rules_of(backend: str) -> str:
    return _RULES.get(backend, f"- {_EVERYWHERE}")
