"""A composite's streamed answer on its way through plugins."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from composite_llm.plugins.isolated import Isolated
from composite_llm.plugins.plugin import Exchange, Plugin
from composite_llm.streaming.sink import Sink


class Through:
    """Nothing is changed: there is no stream, or no plugin that rewrites."""

    def end(self) -> None:
        """The model has said all."""


def stream_through(
    sink: Sink | None, plugins: Sequence[tuple[Plugin, Exchange]], *, several: bool
) -> Through:
    """Has each chunk rewritten where every plugin can do that, else holds the answer back until it is whole.

    `several`: more than one answer was asked for, and their pieces come mixed.
    """
    rewriting = [(plugin, exchange) for plugin, exchange in plugins if plugin.rewrites]
    if sink is None or not rewriting:
        return Through()
    rewriters = [
        Isolated(plugin, rewriter)
        for plugin, exchange in rewriting
        if (rewriter := plugin.tell("rewriter", partial(plugin.rewriter, exchange))) is not None
    ]
    if several or len(rewriters) < len(rewriting):
        sink.silent = True
        return Through()
    return _Rewriting(sink, rewriters)


class _Rewriting(Through):
    def __init__(self, sink: Sink, rewriters: Sequence[Isolated]) -> None:
        self._sink, self._rewriters = sink, rewriters
        self._pattern: Any = None
        sink.rewrite = self._rewritten

    def _rewritten(self, chunk: Any) -> Any:
        """A copy, as LiteLLM still builds the model's answer of the chunk."""
        text = chunk.choices[0].delta.content if chunk.choices else None
        if not text:
            return chunk
        copied = chunk.model_copy(deep=True)
        self._pattern = self._pattern or copied
        for rewriter in self._rewriters:
            text = rewriter.feed(text)
        copied.choices[0].delta.content = text
        return copied

    def end(self) -> None:
        """What one plugin has held back goes through those after it."""
        rest = ""
        for rewriter in self._rewriters:
            rest = (rewriter.feed(rest) if rest else "") + rewriter.end()
        if rest and self._pattern is not None:
            last = self._pattern.model_copy(deep=True)
            last.choices[0].delta = type(last.choices[0].delta)(content=rest)
            self._sink.say(last)
