"""pyarrow's compute functions, loaded when the first spans come: 9 MB that a collector at rest does without."""

from typing import Any


def __getattr__(name: str) -> Any:
    import pyarrow.compute

    return getattr(pyarrow.compute, name)
