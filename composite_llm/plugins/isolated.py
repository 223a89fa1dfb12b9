"""A plugin's rewriter, which may fail in the middle of an answer."""

from typing import TYPE_CHECKING

from composite_llm.plugins.own_failures import OWN, meant_for_others

if TYPE_CHECKING:
    from composite_llm.plugins.plugin import Plugin, Rewriter


class Isolated:
    """Once it has failed, the rest of the answer passes as it is."""

    def __init__(self, plugin: "Plugin", rewriter: "Rewriter") -> None:
        self._plugin = plugin
        self._rewriter: Rewriter | None = rewriter
        self._waiting = ""
        """What was fed while nothing had come out: it can still be given out as it was."""

    def feed(self, text: str) -> str:
        if self._rewriter is None:
            return text
        self._waiting += text
        try:
            return self._out(self._rewriter.feed(text))
        except OWN as error:  # somebody else's code: the answer goes on
            return self._given_up(error)

    def end(self) -> str:
        if self._rewriter is None:
            return ""
        try:
            return self._out(self._rewriter.end())
        except OWN as error:
            return self._given_up(error)

    def _out(self, text: str) -> str:
        if not isinstance(text, str):  # pyright: ignore[reportUnnecessaryIsInstance] - whatever it returned
            raise TypeError(f"it made {type(text).__name__} of a text")
        if text:
            self._waiting = ""
        return text

    def _given_up(self, error: BaseException) -> str:
        if meant_for_others(error):
            raise error
        self._plugin.failed("rewriter", error)
        self._rewriter = None
        waiting, self._waiting = self._waiting, ""
        return waiting
