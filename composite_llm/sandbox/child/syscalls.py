"""The system calls a locked interpreter still needs, by processor. Everything else is refused.

It has no files to open, no processes to start and nobody to talk to but through two pipes that are open already, so
what is left is memory, the clock, and the way out. Numbers: the kernel's arch/x86/entry/syscalls/syscall_64.tbl and
include/uapi/asm-generic/unistd.h.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Processor:
    audit_arch: int
    """What the kernel calls it in `seccomp_data.arch` (linux/audit.h)."""
    allowed: dict[str, int]
    not_executable: dict[str, int]
    """Allowed unless their third argument has PROT_EXEC: no code but what is loaded."""
    foreign_from: int | None = None
    """Numbers from here on are another calling convention of the same processor, and end the process."""


PROCESSORS = {
    "x86_64": Processor(
        audit_arch=0xC000003E,
        allowed={
            "read": 0,
            "write": 1,
            "munmap": 11,
            "brk": 12,
            "rt_sigreturn": 15,
            "sched_yield": 24,
            "mremap": 25,
            "madvise": 28,
            "nanosleep": 35,
            "getpid": 39,
            "exit": 60,
            "gettimeofday": 96,
            "gettid": 186,
            "time": 201,
            "futex": 202,
            "restart_syscall": 219,
            "clock_gettime": 228,
            "clock_getres": 229,
            "clock_nanosleep": 230,
            "exit_group": 231,
            "getrandom": 318,
        },
        not_executable={"mmap": 9, "mprotect": 10},
        foreign_from=0x40000000,  # x32
    ),
    "aarch64": Processor(
        audit_arch=0xC00000B7,
        allowed={
            "read": 63,
            "write": 64,
            "exit": 93,
            "exit_group": 94,
            "futex": 98,
            "nanosleep": 101,
            "clock_gettime": 113,
            "clock_getres": 114,
            "clock_nanosleep": 115,
            "sched_yield": 124,
            "restart_syscall": 128,
            "rt_sigreturn": 139,
            "gettimeofday": 169,
            "getpid": 172,
            "gettid": 178,
            "brk": 214,
            "munmap": 215,
            "mremap": 216,
            "madvise": 233,
            "getrandom": 278,
        },
        not_executable={"mmap": 222, "mprotect": 226},
    ),
}
