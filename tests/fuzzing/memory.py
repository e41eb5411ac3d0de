"""A limit of memory for this process, and how much it took at most."""

import resource
from pathlib import Path

__all__ = ["MOST_MEGABYTES", "begin_peak", "limit_memory", "peak_megabytes"]

MOST_MEGABYTES = 500
# Asked for in /proc/self/clear_refs, it makes the peak of memory begin anew.
CLEAR_PEAK = "5"


def limit_memory() -> None:
    """Let this process take no more than it has now and `MOST_MEGABYTES`."""
    limit = _megabytes("VmSize") + MOST_MEGABYTES
    resource.setrlimit(resource.RLIMIT_AS, (limit << 20, resource.RLIM_INFINITY))


def begin_peak() -> int:
    """Forget the peak; gives the megabytes taken now."""
    Path("/proc/self/clear_refs").write_text(CLEAR_PEAK, encoding="ascii")
    return _megabytes("VmRSS")


def peak_megabytes() -> int:
    """The most megabytes taken since the peak was forgotten."""
    return _megabytes("VmHWM")


def _megabytes(field: str) -> int:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    found = next(line for line in lines if line.startswith(field))
    return int(found.split()[1]) >> 10
