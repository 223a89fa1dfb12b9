"""A filter on system calls (seccomp-BPF, Linux 3.17; Documentation/userspace-api/seccomp_filter.rst): what is not on
the list of `syscalls.py` fails with EPERM, so that code sees a PermissionError; a call in another processor's way ends
the process."""

import ctypes
import platform
import struct
from dataclasses import dataclass

from composite_llm.sandbox.child.libc import prctl
from composite_llm.sandbox.child.syscalls import PROCESSORS, Processor

PR_GET_SECCOMP, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 21, 22, 2

# linux/bpf_common.h: load a word at a place; jump if equal, if at least, if any bit is set; return.
LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
# Where struct seccomp_data has them; of the third argument the lower half (both processors are little-endian).
NUMBER, ARCH, THIRD_ARGUMENT = 0, 4, 32

ALLOW, REFUSE, END_PROCESS = 0x7FFF0000, 0x00050000 | 1, 0x80000000  # 1 is EPERM
PROT_EXEC = 4


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


@dataclass(frozen=True, slots=True)
class Instruction:
    """One of struct sock_filter: what, how many to leave out if so and if not, with which number."""

    code: int
    value: int
    if_so: int = 0
    if_not: int = 0

    def packed(self) -> bytes:
        return struct.pack("=HBBI", self.code, self.if_so, self.if_not, self.value)


def unsupported() -> str | None:
    """Why there can be no filter here; None if there can."""
    if platform.machine() not in PROCESSORS:
        return f"no list of system calls for the processor {platform.machine() or 'unknown'}"
    try:
        prctl(PR_GET_SECCOMP)
    except OSError as error:
        return f"the kernel has no seccomp ({error.strerror})"
    return None


def instructions(processor: Processor) -> list[Instruction]:
    program = [
        Instruction(LOAD, ARCH),
        Instruction(EQUAL, processor.audit_arch, if_so=1),
        Instruction(RETURN, END_PROCESS),
        Instruction(LOAD, NUMBER),
    ]
    if processor.foreign_from is not None:
        program += [
            Instruction(AT_LEAST, processor.foreign_from, if_not=1),
            Instruction(RETURN, END_PROCESS),
        ]
    for number in processor.allowed.values():
        program += [Instruction(EQUAL, number, if_not=1), Instruction(RETURN, ALLOW)]
    for number in processor.not_executable.values():
        program += [
            Instruction(EQUAL, number, if_not=4),
            Instruction(LOAD, THIRD_ARGUMENT),
            Instruction(ANY_BIT, PROT_EXEC, if_so=1),
            Instruction(RETURN, ALLOW),
            Instruction(RETURN, REFUSE),
        ]
    return [*program, Instruction(RETURN, REFUSE)]


def lock() -> None:
    """From now on, and for ever. Needs no_new_privs. OSError where the kernel will not."""
    program = instructions(PROCESSORS[platform.machine()])
    packed = b"".join(instruction.packed() for instruction in program)
    filter_ = _Program(len(program), packed)
    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(filter_))
