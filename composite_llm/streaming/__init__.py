"""Answers that reach the client while they are written.

    engine ─ Attempt ─ Hearing ──► Sink ──► delivery ──► LiteLLM's wrapper ──► client
                       (one call)  (pieces) (chunks, keep-alives, usage last)

The engine runs in a task of its own and never waits for the client. What a strategy returns without having
streamed it, because it chose among answers, is replayed as chunks when it is there.

Hearing   listens to one attempt: passes each chunk on, and keeps all of them for the books and the answer.
Sink      the client's ear. The first attempt that speaks has it to the end: what is heard must be one answer.
Turn      a sink for one of several turns, where tools run here between them (`tools/speech.py`): it leaves out
          what is called here, and can be tried again until it has been heard.
Speech    the turns of one answer, as the client's sink hears them: one after the other, set off by a blank line.
"""
