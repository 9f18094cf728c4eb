"""Becomes another program that cannot outlive the process that started it.

    python -I -S tethered.py PARENT_PID PROGRAM ARGUMENTS…

Run as a file, with nothing of the project imported, so that it is itself for a hundredth of a
second only. The kernel then keeps the promise, through the `exec` too, in whatever way the parent
ends: prctl(2), PR_SET_PDEATHSIG. The parent is the thread that forked: it has to be one that lives as
long as it wants its children. Where there is no such kernel the program starts without the promise,
and the parent's own orderly end has to do.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def become(program: list[str], *, parent_pid: int) -> None:
    """Returns only when the parent is gone already."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, ctypes.c_ulong(signal.SIGKILL))
        if os.getppid() != parent_pid:
            return  # it ended before the promise was made
    os.execv(program[0], program)  # noqa: S606 - to become it is what this file is for


if __name__ == "__main__":
    become(sys.argv[2:], parent_pid=int(sys.argv[1]))
