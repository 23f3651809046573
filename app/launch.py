"""Start a program that ends with its parent, where wanted as another user; run by path, so it imports the standard library alone."""

import ctypes
import os
import signal
import sys
from pathlib import Path

SET_PARENT_DEATH_SIGNAL = 1
NEW_USER_NAMESPACE = 0x10000000


def command(program: list[str], *, identity: str = "same") -> list[str]:
    """Give the argument list that runs `program` as a child of this process; `identity` is `same`, `namespace:UID` or `setuid:UID`."""
    return [sys.executable, "-I", "-S", __file__, str(os.getpid()), identity, *program]


def _enter_namespace(uid: int) -> None:
    """Appear as `uid` to the program while the files and their owner stay what they are outside."""
    outer_uid, outer_gid = os.geteuid(), os.getegid()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(NEW_USER_NAMESPACE) != 0:
        raise OSError(ctypes.get_errno(), "no user namespace")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{uid} {outer_uid} 1")
    Path("/proc/self/gid_map").write_text(f"{uid} {outer_gid} 1")


def _become(identity: str) -> None:
    kind, _, uid = identity.partition(":")
    if kind == "namespace":
        _enter_namespace(int(uid))
    elif kind == "setuid":
        os.setgroups([])
        os.setgid(int(uid))
        os.setuid(int(uid))


def _end_with(parent: int) -> None:
    """Ask for SIGINT at the parent's death; set last, because a change of identity clears it."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(SET_PARENT_DEATH_SIGNAL, signal.SIGINT)
    if os.getppid() != parent:
        sys.exit("the parent ended first")


def main(parent: str, identity: str, *program: str) -> None:
    """Become the program, in a session of its own so that a Ctrl-C at the terminal reaches the parent alone."""
    os.setsid()
    _become(identity)
    _end_with(int(parent))
    os.execv(program[0], program)  # noqa: S606 - our own


if __name__ == "__main__":
    main(*sys.argv[1:])
