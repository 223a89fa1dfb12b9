"""How much memory a process holds, from Linux's own books."""

from pathlib import Path


def resident_mb(pid: int) -> float:
    return _mb(pid, "VmRSS")


def peak_mb(pid: int) -> float:
    return _mb(pid, "VmHWM")


def _mb(pid: int, field: str) -> float:
    """NaN where there is no /proc."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return float("nan")
    [line] = [line for line in status.splitlines() if line.startswith(f"{field}:")]
    return int(line.split()[1]) / 1024
