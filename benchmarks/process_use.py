"""What a process uses, from Linux's own books; NaN where there is no /proc."""

import os
from pathlib import Path


def resident_mb(pid: int) -> float:
    return _mb(pid, "VmRSS")


def peak_mb(pid: int) -> float:
    return _mb(pid, "VmHWM")


def cpu_seconds(pid: int) -> float:
    """Of all its threads, since its start."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return float("nan")
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def with_children(pid: int) -> list[int]:
    """A collector may have a process beside it, which counts as part of it."""
    found = [pid]
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = (folder / "stat").read_text().rpartition(")")[2].split()[1]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if parent == str(pid):
            found.append(int(folder.name))
    return found


def _mb(pid: int, field: str) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return float("nan")
    [line] = [line for line in status.splitlines() if line.startswith(f"{field}:")]
    return int(line.split()[1]) / 1024
