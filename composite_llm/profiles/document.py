"""A YAML file as plain data that remembers its lines, so that an error can name the one to change."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import inf
from pathlib import Path
from typing import Any

import yaml

MOST_BYTES = 1024 * 1024
MOST_ENTRIES = 100_000
"""Of one file, with every alias written out: profiles are written by people."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in a file, and where."""

    file: str
    line: int | None
    """1-based; None where it is about the whole file."""
    field: str
    """Dotted path inside the file, `profiles.quick.layers`; empty for the whole file."""
    message: str

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{place}: {self.field}: {self.message}" if self.field else f"{place}: {self.message}"


class Unreadable(Exception):
    """A file that is no YAML, or not one document of it."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML document: its data, and the nodes that know where each part stands."""

    file: str
    data: Any
    node: yaml.Node | None
    doubled: tuple[Problem, ...] = ()
    """Keys that stand twice in one mapping: YAML would silently take the last."""

    @classmethod
    def read(cls, path: Path) -> "Document":
        """Raises Unreadable."""
        try:
            content = path.read_bytes()
            if len(content) > MOST_BYTES:
                raise Unreadable(Problem(str(path), None, "", f"is larger than {MOST_BYTES} bytes"))
            return cls.parse(content.decode(), str(path))
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            raise Unreadable(Problem(str(path), None, "", f"cannot be read: {reason}")) from None

    @classmethod
    def parse(cls, text: str, file: str) -> "Document":
        """Raises Unreadable."""
        loader = yaml.SafeLoader(text)
        try:
            node = loader.get_single_node()
            if node is not None and _written_out(node, {}) > MOST_ENTRIES:
                raise Unreadable(Problem(file, None, "", f"has more than {MOST_ENTRIES} entries"))
            doubled = tuple(_doubled(node, file)) if node else ()  # before `<<` is merged in
            data = loader.construct_document(node) if node else None
        except yaml.MarkedYAMLError as error:
            raise Unreadable(Problem(file, _line(error), "", _said(error))) from None
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            raise Unreadable(Problem(file, None, "", f"is no YAML: {error}")) from None
        finally:
            loader.dispose()
        return cls(file, data, node, doubled)

    def line_of(self, path: Sequence[str | int]) -> int | None:
        """Where `path` stands, or the nearest part around it that does. Steps that lead nowhere are passed
        over, since pydantic puts the names of its alternatives between a file's own."""
        node, line = self.node, None if self.node is None else self.node.start_mark.line + 1
        for step in path:
            found = _child(node, step)
            if found is not None:
                key, node = found
                line = key.start_mark.line + 1
        return line

    def doubled_in(self, path: Sequence[str | int]) -> list[Problem]:
        """Keys that stand twice somewhere in the entry at `path`: nobody can say which was meant."""
        entry = self._entry(path)
        if entry is None:
            return []
        first, last = entry.start_mark.line + 1, entry.end_mark.line + 1
        # A block ends where the next one begins, on whose line it has nothing any more.
        last -= entry.end_mark.column == 0
        found = [each for each in self.doubled if each.line and first <= each.line <= last]
        around = ".".join(map(str, path))
        return [replace(each, field=f"{around}.{each.field}") for each in found]

    def doubled_beside(self, path: Sequence[str | int]) -> list[Problem]:
        """Those in none of the entries of the mapping at `path`."""
        holder = self._entry(path)
        names = [str(key.value) for key, _ in holder.value] if isinstance(holder, yaml.MappingNode) else []
        inside = {each.line for name in names for each in self.doubled_in((*path, name))}
        return [each for each in self.doubled if each.line not in inside]

    def _entry(self, path: Sequence[str | int]) -> yaml.Node | None:
        node = self.node
        for step in path:
            found = _child(node, step)
            if found is None:
                return None
            node = found[1]
        return node

    def problem(self, path: Sequence[str | int], message: str) -> Problem:
        return Problem(self.file, self.line_of(path), ".".join(map(str, self._own(path))), message)

    def _own(self, path: Sequence[str | int]) -> Iterator[str | int]:
        """The steps that are the file's; the last one may be missing in it, which is then what is wrong."""
        node = self.node
        for position, step in enumerate(path):
            found = _child(node, step)
            if found is not None:
                node = found[1]
            if found is not None or position == len(path) - 1:
                yield step


def _child(node: yaml.Node | None, step: str | int) -> tuple[yaml.Node, yaml.Node] | None:
    """The node that names an entry (a key, or the entry itself in a list), and the entry."""
    if isinstance(node, yaml.MappingNode):
        return next(((key, value) for key, value in reversed(node.value) if key.value == str(step)), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step], node.value[step]
    return None


def _written_out(node: yaml.Node, known: dict[int, float]) -> float:
    """How many entries there are below `node`; without end where an alias stands inside what it names."""
    if not isinstance(node, yaml.CollectionNode):
        return 1
    if id(node) not in known:
        known[id(node)] = inf
        pairs = node.value if isinstance(node, yaml.MappingNode) else [(entry,) for entry in node.value]
        known[id(node)] = 1 + sum(_written_out(entry, known) for pair in pairs for entry in pair)
    return known[id(node)]


def _doubled(root: yaml.Node, file: str) -> Iterator[Problem]:
    """Each node once, however many aliases lead to it."""
    seen: set[int] = set()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            yield from _doubled_keys(node, file)
            waiting += [value for _, value in node.value]
        elif isinstance(node, yaml.SequenceNode):
            waiting += node.value


def _doubled_keys(node: yaml.MappingNode, file: str) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for key, _ in node.value:
        name, line = str(key.value), key.start_mark.line + 1
        if name in first and name != "<<":
            yield Problem(file, line, name, f"stands here a second time; first in line {first[name]}")
        first.setdefault(name, line)


def _line(error: yaml.MarkedYAMLError) -> int | None:
    mark = error.problem_mark or error.context_mark
    return None if mark is None else mark.line + 1


def _said(error: yaml.MarkedYAMLError) -> str:
    return " ".join(part for part in ("is no YAML:", error.context, error.problem) if part)
