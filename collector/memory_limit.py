"""The most memory the process may take, kept by the system, so that one statement cannot take the whole machine.

The engine counts what it keeps, and not what a function makes on the way: `replace(a, 'x', a)` makes gigabytes of
a short text. Past the limit the system refuses, that statement fails, and everything else goes on.
"""

from collector.receivers.budget import BODIES_AT_ONCE

ALWAYS = 2 * 1024**3
"""The engine, the queue, the stacks of all threads and two explorers take about half of it at the most."""
TIMES_A_BODY = 4
"""A body, its decoded messages, its rows and what Arrow makes of them."""


def limit_memory(body_limit: int) -> None:
    """For this process. Does nothing where the system keeps no such limit, or where it has a lower one already."""
    try:
        import resource
    except ImportError:  # Windows
        return
    wanted = ALWAYS + TIMES_A_BODY * BODIES_AT_ONCE * body_limit
    lowest, most = resource.getrlimit(resource.RLIMIT_DATA)
    for known in (lowest, most):
        if known != resource.RLIM_INFINITY:
            wanted = min(wanted, known)
    resource.setrlimit(resource.RLIMIT_DATA, (wanted, most))
