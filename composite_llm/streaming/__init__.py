"""Answers that reach the client while they are written.

    engine ─ Attempt ─ Hearing ──► Sink ──► delivery ──► LiteLLM's wrapper ──► client
                       (one call)  (pieces) (chunks, keep-alives, usage last)

The engine runs in a task of its own and never waits for the client. What a strategy returns without having
streamed it, because it chose among answers, is replayed as chunks when it is there.
"""
