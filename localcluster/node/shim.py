"""The first process of a container: assembles its root, drops its rights, becomes the program.

Started by `unshare` in new mount, PID, UTS and IPC namespaces with `python -I -S shim.py PIPE PARENT`; reads its JSON
orders from standard input and reports to the named pipe, which closes by itself when the program starts. A parent stays
behind only to pass on how the program ended. Runs without the project on its path, so it must not import any of it.

Nothing may outlive PARENT, the number of the node's process, wherever in here it is killed. A death signal comes only
to who has asked for one before, so each asks first and then looks whether it is too late.
"""

import os
import sys

# The parent waits as long as the container runs: it forks before the rest is imported, to stay small.
if __name__ == "__main__":
    if os.getppid() != int(sys.argv[2]):  # it has asked for its signal before it came here
        os._exit(128)
    WITH_PARENT, HELD_BY_PARENT = os.pipe()
    if child := os.fork():
        os.closerange(0, 3)
        _, ended = os.waitpid(child, 0)
        os._exit(os.WEXITSTATUS(ended) if os.WIFEXITED(ended) else 128 + os.WTERMSIG(ended))

import ctypes
import json
import resource
import select
import signal
import socket
from typing import Any, NoReturn

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 1, 2, 4, 8
MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE, MS_RELATIME = 32, 4096, 16384, 1 << 18, 1 << 21
MNT_DETACH = 2
PR_SET_PDEATHSIG, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 1, 24, 38
SYS_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41, "riscv64": 41}
# What container runtimes leave to root: chown, dac_override, fowner, fsetid, kill, setgid, setuid, setpcap,
# net_bind_service, net_raw, sys_chroot, mknod, audit_write, setfcap.
KEPT_CAPABILITIES = frozenset({0, 1, 3, 4, 5, 6, 7, 8, 10, 13, 18, 27, 29, 31})
OPEN_FILES = 65536

libc = ctypes.CDLL(None, use_errno=True)


def main() -> None:
    os.close(HELD_BY_PARENT)
    die_with_parent()
    orders = json.loads(sys.stdin.readline())  # what follows is the program's
    report = os.open(sys.argv[1], os.O_WRONLY | os.O_CLOEXEC)
    try:
        groups = [os.open(path, os.O_WRONLY | os.O_CLOEXEC) for path in orders["cgroups"]]
        os.write(report, json.dumps({"pid": int(os.readlink("/proc/self"))}).encode() + b"\n")
        build_root(orders)
        socket.sethostname(orders["hostname"])
        # Joined last, so that nothing of this is charged to the program or slowed by its limits.
        for group in groups:
            os.write(group, b"0")
        drop_rights(orders)
        become(orders)
    except OSError as error:
        os.write(report, json.dumps({"error": explain(error)}).encode() + b"\n")
        sys.exit(128)


def build_root(orders: dict[str, Any]) -> None:
    root = orders["root"]
    os.umask(0o022)
    mount("none", "/", None, MS_REC | MS_PRIVATE)
    mount("tmpfs", root, "tmpfs", MS_NOSUID | MS_NODEV, "mode=755,size=512m")
    for item in orders["mounts"]:
        place(root, item)
    os.makedirs(root + orders["working_directory"], exist_ok=True)  # runtimes make it, as root, where it is missing
    if orders["read_only_root"]:
        mount("none", root, None, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV)
    os.chdir(root)
    checked(libc.syscall(SYS_PIVOT_ROOT[os.uname().machine], b".", b"."), "pivot_root", root)
    checked(libc.umount2(b".", MNT_DETACH), "umount", "/")
    os.chdir("/")


def place(root: str, item: dict[str, Any]) -> None:
    """One entry of the root: a directory, a link, a bound path, or a fresh file system."""
    target = root + item["target"]
    kind = item["type"]
    if kind == "link":
        os.makedirs(os.path.dirname(target), exist_ok=True)
        os.symlink(item["source"], target)
    elif kind == "directory":
        os.makedirs(target, exist_ok=True)
        os.chmod(target, item["mode"])
    elif kind == "bind":
        bind(item["source"], target, read_only=item["read_only"], recursive=item["recursive"])
    else:
        os.makedirs(target, exist_ok=True)
        mount(kind, target, kind, MS_NOSUID | MS_NODEV | MS_NOEXEC, item.get("options", ""))


def bind(source: str, target: str, *, read_only: bool, recursive: bool) -> None:
    if os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
    elif not os.path.lexists(target):
        os.makedirs(os.path.dirname(target), exist_ok=True)
        os.close(os.open(target, os.O_CREAT | os.O_WRONLY, 0o644))
    mount(source, target, None, MS_BIND | (MS_REC if recursive else 0))
    if read_only:
        # Flags a parent namespace has locked must be repeated, or the kernel refuses the remount.
        kept = os.statvfs(target).f_flag & (MS_NOSUID | MS_NODEV | MS_NOEXEC | 1024 | 2048)
        mount("none", target, None, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_RELATIME | kept)


def drop_rights(orders: dict[str, Any]) -> None:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    soft = OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, OPEN_FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    kept = KEPT_CAPABILITIES if orders["keep_capabilities"] else frozenset()
    for capability in range(64):
        if capability not in kept:
            libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
    if orders["change_user"]:
        os.setgroups(orders["groups"])
        os.setresgid(orders["group"], orders["group"], orders["group"])
        os.setresuid(orders["user"], orders["user"], orders["user"])
    if orders["no_new_privileges"]:
        libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    die_with_parent()  # again, because a change of user has cleared it


def die_with_parent() -> None:
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if select.select([WITH_PARENT], [], [], 0)[0]:  # its end of the pipe has closed
        os._exit(128)


def become(orders: dict[str, Any]) -> NoReturn:
    os.chdir(orders["working_directory"])
    if not orders["stdin"]:
        os.dup2(os.open("/dev/null", os.O_RDONLY), 0)
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    arguments = orders["arguments"]
    os.execve(find(arguments[0], orders["environment"].get("PATH", "")), arguments, orders["environment"])  # noqa: S606


def find(program: str, path: str) -> str:
    if "/" in program:
        if not os.path.exists(program):
            raise OSError(f'exec: "{program}": stat {program}: no such file or directory: unknown')
        if os.path.isdir(program):
            raise OSError(f'exec: "{program}": is a directory: unknown')
        if not os.access(program, os.X_OK):
            raise OSError(f'exec: "{program}": permission denied: unknown')
        return program
    for directory in path.split(":"):
        candidate = os.path.join(directory, program)
        if os.path.isfile(candidate) and os.access(candidate, os.X_OK):
            return candidate
    raise OSError(f'exec: "{program}": executable file not found in $PATH: unknown')


def mount(source: str, target: str, kind: str | None, flags: int, options: str = "") -> None:
    encoded = kind.encode() if kind else None
    result = libc.mount(source.encode(), target.encode(), encoded, ctypes.c_ulong(flags), options.encode())
    checked(result, f"mount {source} on", target)


def checked(result: int, doing: str, path: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{doing} {path}: {os.strerror(number)}")


def explain(error: OSError) -> str:
    if error.errno is None:
        return str(error)
    where = f"{error.filename}: " if error.filename else ""
    return f"{where}{error.strerror}"


if __name__ == "__main__":
    main()
