"""The filter does what its list says, on both processors: its program is run here as the kernel would run it."""

import os
import platform
import struct
import subprocess
import sys

import pytest

from composite_llm.sandbox.child import seccomp
from composite_llm.sandbox.child.syscalls import PROCESSORS
from tests.composite_llm.sandbox.conftest import NEEDS_LOCKS

X86, ARM = PROCESSORS["x86_64"], PROCESSORS["aarch64"]
READ_WRITE, READ_EXECUTE = 3, 5


def decided(processor, number, third=0, arch=None):
    """What becomes of a system call: struct seccomp_data in, the value that is returned out."""
    arguments = (0, 0, third, 0, 0, 0)
    data = struct.pack("=iIQ6Q", number, arch or processor.audit_arch, 0, *arguments)
    program = [struct.unpack("=HBBI", one.packed()) for one in seccomp.instructions(processor)]
    at, word = 0, 0
    while True:
        code, if_so, if_not, value = program[at]
        at += 1
        if code == 0x06:
            return value
        if code == 0x20:
            word = struct.unpack_from("=I", data, value)[0]
            continue
        holds = {0x15: word == value, 0x35: word >= value, 0x45: bool(word & value)}[code]
        at += if_so if holds else if_not


ALLOWED, EPERM, KILLED = 0x7FFF0000, 0x00050001, 0x80000000


@pytest.mark.parametrize(
    ("processor", "read", "write", "mmap"), [(X86, 0, 1, 9), (ARM, 63, 64, 222)], ids=["x86_64", "aarch64"]
)
def test_memory_and_pipes_are_allowed(processor, read, write, mmap):
    assert decided(processor, read) == decided(processor, write) == ALLOWED
    assert decided(processor, mmap, READ_WRITE) == ALLOWED
    assert decided(processor, mmap, READ_EXECUTE) == EPERM


@pytest.mark.parametrize(
    ("processor", "numbers"),
    [
        # socket, connect, sendto, clone, fork, vfork, execve, kill, ptrace, open, openat, prctl, seccomp, memfd_create,
        # io_uring_setup, pidfd_open, clone3, openat2, rt_sigaction, prlimit64, close, dup2, ioctl
        (
            X86,
            (
                41,
                42,
                44,
                56,
                57,
                58,
                59,
                62,
                101,
                2,
                257,
                157,
                317,
                319,
                425,
                434,
                435,
                437,
                13,
                302,
                3,
                33,
                16,
            ),
        ),
        # the same where there is one: no fork, vfork, open and dup2
        (
            ARM,
            (198, 203, 206, 220, 221, 129, 117, 56, 167, 277, 279, 425, 434, 435, 437, 134, 261, 57, 24, 29),
        ),
    ],
    ids=["x86_64", "aarch64"],
)
def test_what_reaches_outside_is_refused(processor, numbers):
    assert {number: decided(processor, number) for number in numbers} == dict.fromkeys(numbers, EPERM)


@pytest.mark.parametrize("processor", [X86, ARM], ids=["x86_64", "aarch64"])
def test_nothing_is_allowed_but_what_is_listed(processor):
    allowed = {number for number in range(600) if decided(processor, number) == ALLOWED}

    assert allowed == {*processor.allowed.values(), *processor.not_executable.values()}
    assert len(allowed) <= 23


def test_another_calling_convention_ends_the_process():
    assert decided(X86, 0x40000000) == decided(X86, 0x40000000 + 2) == KILLED  # x32
    assert decided(X86, 5, arch=0x40000003) == KILLED  # i386
    assert decided(ARM, 5, arch=0x40000028) == KILLED  # 32-bit ARM
    assert decided(ARM, 63, arch=X86.audit_arch) == KILLED


LOCKED_UP = """
import os, sys
sys.path.insert(0, sys.argv[1])
from composite_llm.sandbox.child import limits, seccomp
limits.give_up_rights()
seccomp.lock()
try:
    os.open("/", os.O_RDONLY)
except PermissionError:
    os.write(1, b"refused")
os._exit(0)
"""


@NEEDS_LOCKS
def test_the_kernel_takes_it():
    done = subprocess.run(
        [sys.executable, "-I", "-c", LOCKED_UP, os.getcwd()], capture_output=True, timeout=120, check=False
    )

    assert (done.returncode, done.stdout) == (0, b"refused"), done.stderr


WITHOUT_LANDLOCK = """
import asyncio, ctypes, sys
sys.path.insert(0, sys.argv[1])
from composite_llm.sandbox import Limits, SandboxUnavailable
from composite_llm.sandbox.child import limits, seccomp
from composite_llm.sandbox.child.seccomp import ALLOW, EQUAL, LOAD, NUMBER, RETURN, Instruction
from composite_llm.sandbox.locked import LockedSandbox

ENOSYS = 0x00050000 | 38
kernel = [Instruction(LOAD, NUMBER), Instruction(EQUAL, 444, if_not=1), Instruction(RETURN, ENOSYS),
          Instruction(RETURN, ALLOW)]
seccomp.instructions = lambda processor: kernel
limits.give_up_rights()
seccomp.lock()
try:
    asyncio.run(LockedSandbox().open(Limits(), {}))
except SandboxUnavailable as error:
    print(error)
"""


@NEEDS_LOCKS
def test_without_landlock_it_is_refused_and_not_weaker():
    """A kernel that knows no Landlock, as far as this process can tell."""
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_LANDLOCK, os.getcwd()],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.stdout == (
        "The sandbox 'locked' cannot be used here: "
        "the kernel has no Landlock (landlock_create_ruleset: Function not implemented).\n"
    ), done.stderr


def test_an_unknown_processor_is_refused(monkeypatch):
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")

    assert seccomp.unsupported() == "no list of system calls for the processor riscv64"
