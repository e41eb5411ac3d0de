"""How many processors a computation may use."""

from numba import config

__all__ = ["processors"]


def processors() -> int:
    """Threads that may compute side by side.

    All processors that the process may run on, or what the environment variable
    ``NUMBA_NUM_THREADS`` said when the process began.
    """
    return int(vars(config)["NUMBA_NUM_THREADS"])
