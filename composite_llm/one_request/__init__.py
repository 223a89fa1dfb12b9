"""One composite request in a process of its own, told of as it goes on: for pages, which cannot wait for LiteLLM.

`python -m composite_llm.one_request` reads and writes a JSON object a line. It estimates as often as it is asked to, runs
one request, and ends. When its input ends or says cancel, so does the request: what it had spent is told, and its spans
are handed over before the process goes.
"""
