"""What the process may use and become: limits of the kernel, no rights to gain, none to keep."""

import ctypes
import resource
import signal

from composite_llm.sandbox.child.libc import capset, prctl

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS = 1, 4, 38
CAPABILITY_VERSION_3 = 0x20080522


def limit(memory_mb: int, processor_s: float) -> None:
    """OSError or ValueError where the system does not know a limit. Its processor time ends a process by SIGXCPU."""
    seconds = max(int(processor_s), 1)
    _lower(resource.RLIMIT_AS, memory_mb * 2**20, memory_mb * 2**20)
    _lower(resource.RLIMIT_CPU, seconds, seconds + 1)
    _lower(resource.RLIMIT_FSIZE, 0, 0)
    _lower(resource.RLIMIT_CORE, 0, 0)


def no_more_files_and_processes() -> None:
    """Once all is loaded: loading opens files."""
    _lower(resource.RLIMIT_NPROC, 0, 0)
    _lower(resource.RLIMIT_NOFILE, 0, 0)


def _lower(kind: int, soft: int, hard: int) -> None:
    """To these, or to what holds already where that is less."""
    most = resource.getrlimit(kind)[1]
    if most != resource.RLIM_INFINITY:
        soft, hard = min(soft, most), min(hard, most)
    resource.setrlimit(kind, (soft, hard))


def end_with_parent() -> None:
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def give_up_rights() -> None:
    """Nothing that is run or opened later brings rights, and those of root are gone now."""
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    prctl(PR_SET_DUMPABLE, 0)
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    none = (ctypes.c_uint32 * 6)()
    capset(header, none)
