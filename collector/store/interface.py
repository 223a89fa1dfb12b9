"""What the collector asks of an engine that keeps spans."""

from collections.abc import Mapping
from typing import Protocol

import pyarrow as pa

from collector.batch import Batch


class TraceStore(Protocol):
    """One thread lands, any number of threads ask."""

    @property
    def location(self) -> str:
        """A path or an address without secrets, for people."""
        ...

    def land(self, batch: Batch) -> pa.Table:
        """Store what is new of the batch, in one transaction; the rows that were new.

        Raises UnstorableSpans where the engine refuses the values, StoreError where it cannot write.
        """
        ...

    def ask(self, name: str, parameters: Mapping[str, object]) -> pa.Table:
        """The answer to the query file `name`. Parameters are bound, never spliced into the text.

        Raises QuestionError where it takes too long, StoreError where the engine fails.
        """
        ...

    def bytes_on_disk(self) -> int: ...

    def close(self) -> None: ...
