"""No files, no TCP, no signals to others (Landlock, Linux 5.13; Documentation/userspace-api/landlock.rst).

A second lock behind `seccomp.py`: rules without any exception, so nothing at all may be opened.
"""

import ctypes
import os

from composite_llm.sandbox.child.libc import syscall

CREATE_RULESET, RESTRICT_SELF = 444, 446  # the same on every processor
ASK_VERSION = 1

FILES = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
"""Kinds of access to files that each version of Landlock knows; later ones know no more."""
TCP, SCOPES = 0b11, 0b11
"""Bind and connect, since version 4; abstract sockets of others and signals to them, since version 6."""


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("tcp", ctypes.c_uint64), ("scopes", ctypes.c_uint64))


def version() -> int:
    """Of the kernel's Landlock. OSError where it has none, or has it switched off."""
    return syscall("landlock_create_ruleset", CREATE_RULESET, None, 0, ASK_VERSION)


def unsupported() -> str | None:
    try:
        version()
    except OSError as error:
        return f"the kernel has no Landlock ({error.strerror})"
    return None


def lock() -> int:
    """From now on, and for ever. Needs no_new_privs. The version of Landlock; OSError where the kernel will not."""
    known = version()
    rules = _Ruleset((1 << FILES[min(known, max(FILES))]) - 1)
    size = 8
    if known >= 4:
        rules.tcp, size = TCP, 16
    if known >= 6:
        rules.scopes, size = SCOPES, 24
    ruleset = syscall("landlock_create_ruleset", CREATE_RULESET, ctypes.byref(rules), size, 0)
    try:
        syscall("landlock_restrict_self", RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)
    return known
