"""Makes a new or changed name in a folder survive a power cut."""

import os
from pathlib import Path


def sync_folder(folder: Path) -> None:
    """A name is durable only once its folder is on disk; Windows knows no such step."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
