"""A lock on an open file that ends with whoever holds it, however it ends."""

from typing import IO

try:
    import fcntl
except ImportError:  # Windows, where age alone has to tell a writer that lives from one that is gone
    fcntl = None


def lock(file: IO[bytes]) -> bool:
    """Take the lock, or say False when somebody else has it. File systems without locks give it to anybody."""
    if fcntl is None:
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True
