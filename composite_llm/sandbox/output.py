"""What code prints: of much of it the beginning and the end. Used on both sides."""

FLOOD = 100
"""Times the limit after which printing is stopped: nobody reads it, and it only burns time."""


class OutputLimit(BaseException):
    """Far more was printed than anybody reads. No Exception, so that `except Exception` does not go on."""


class Output:
    """Takes texts as they come and holds no more than about twice `limit` characters."""

    def __init__(self, limit: int) -> None:
        self._half = max(limit // 2, 1)
        self._head: list[str] = []
        self._room = self._half
        self.tail = ""
        self.chars = 0
        self.flooded: str | None = None
        """Why printing was stopped, if it was."""

    def write(self, text: str) -> int:
        self.chars += len(text)
        if self._room:
            self._head.append(text[: self._room])
            rest = text[self._room :]
            self._room -= len(self._head[-1])
        else:
            rest = text
        if rest:
            self.tail = (self.tail + rest[-self._half :])[-self._half :]
        if self.chars > 2 * self._half * FLOOD:
            self.flooded = f"more than {2 * self._half * FLOOD:,} characters were printed"
            raise OutputLimit(self.flooded)
        return len(text)

    def take(self, head: str, tail: str, chars: int) -> None:
        """What another one has kept, in place of what this one has. It may be anybody's, so it is cut again."""
        self._head, self.tail = [head[: self._half]], tail[-self._half :]
        self.chars = max(chars, len(self.head) + len(self.tail))

    @property
    def head(self) -> str:
        return "".join(self._head)

    @property
    def left_out(self) -> int:
        """Characters that `text` has none of."""
        return self.chars - len(self.head) - len(self.tail)

    @property
    def text(self) -> str:
        note = f"\n… [{self.left_out:,} characters left out] …\n" if self.left_out else ""
        return self.head + note + self.tail
