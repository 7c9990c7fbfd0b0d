"""What /proc says of this process' memory and of the machine's. Reading only; None for what it does not tell."""

from pathlib import Path

PROC = Path("/proc")


def anonymous_bytes(proc: Path = PROC) -> int | None:
    """Memory of this process that is no file's: what the kernel cannot take back without killing."""
    return _kibibytes(proc / "self" / "status", "RssAnon")


def available_bytes(proc: Path = PROC) -> int | None:
    """What the machine could still give without swapping."""
    return _kibibytes(proc / "meminfo", "MemAvailable")


def machine_bytes(proc: Path = PROC) -> int | None:
    """All memory of the machine."""
    return _kibibytes(proc / "meminfo", "MemTotal")


def _kibibytes(path: Path, name: str) -> int | None:
    try:
        lines = path.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return None
    for line in lines:
        key, _, rest = line.partition(":")
        if key == name and rest.split()[:1] and rest.split()[0].isdecimal():
            return int(rest.split()[0]) * 1024
    return None
