"""Batches that could not be delivered, as files in a folder.

One gzip file a batch, holding an OTLP ExportTraceServiceRequest. A file appears under its final name only
once it is whole and on disk, so a reader never sees half of one; names are unique across programs, so any
number of them may write at once.
"""

import os
import time
import uuid
from pathlib import Path

from collector.folder_sync import sync_folder

SUFFIX = ".otlp.gz"


class Spool:
    def __init__(self, data: Path) -> None:
        self.folder = data / "spool"
        self.rejected = self.folder / "rejected"

    def put(self, body: bytes) -> Path:
        """Keep a compressed request, durably."""
        self.folder.mkdir(parents=True, exist_ok=True)
        name = f"{time.time_ns()}-{uuid.uuid4().hex}"
        unfinished = self.folder / f"{name}.tmp"
        with unfinished.open("wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        finished = unfinished.rename(self.folder / f"{name}{SUFFIX}")
        sync_folder(self.folder)
        return finished

    def waiting(self) -> list[Path]:
        """The oldest first."""
        return sorted(self.folder.glob(f"*{SUFFIX}"))

    def set_aside(self, file: Path) -> Path:
        """Out of the way of the others, for somebody to look at."""
        self.rejected.mkdir(parents=True, exist_ok=True)
        return file.rename(self.rejected / file.name)
