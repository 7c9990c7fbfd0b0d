"""What the three programs are told from outside. The only place that knows the names of their variables."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sampleapp.blast.ceilings import LEAK_MB_MAX, RATE_MB_S_MAX, SECONDS_MAX
from sampleapp.settings import SettingsError

TOKEN_MIN = 16


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One program's settings; each reads the ones it needs."""

    who: str
    bind: str
    token: str = field(default="", repr=False)
    neighbour_bind: str = ""
    """Where a neighbour in the leaker's own container listens; empty: it starts none."""
    marker: str = "/tmp/leaked"  # noqa: S108 - the pod's own volume, which outlives its containers
    """A file that says that this pod has leaked already; a container that was killed leaks no second time."""
    ceiling_mb: int = LEAK_MB_MAX
    rate_mb_s: int = 24
    seconds: int = SECONDS_MAX
    targets: tuple[tuple[str, str, int], ...] = ()
    """Whom the prober asks: name, host, port."""


def from_environment(environ: Mapping[str, str]) -> Settings:
    """Read the settings, or refuse with a sentence."""
    return Settings(
        who=environ.get("BLAST_WHO", "unknown"),
        bind=environ.get("BLAST_BIND", "0.0.0.0:8090"),
        token=environ.get("BLAST_TOKEN", ""),
        neighbour_bind=environ.get("BLAST_NEIGHBOUR_BIND", ""),
        marker=environ.get("BLAST_MARKER", Settings.marker),
        ceiling_mb=_whole(environ, "BLAST_CEILING_MB", default=Settings.ceiling_mb, highest=LEAK_MB_MAX),
        rate_mb_s=_whole(environ, "BLAST_RATE_MB_S", default=Settings.rate_mb_s, highest=RATE_MB_S_MAX),
        seconds=_whole(environ, "BLAST_SECONDS", default=Settings.seconds, highest=SECONDS_MAX),
        targets=_targets(environ.get("BLAST_TARGETS", "")),
    )


def needs_token(settings: Settings) -> None:
    """Raises SettingsError unless there is a token that cannot be guessed."""
    if len(settings.token) < TOKEN_MIN:
        raise SettingsError(f"BLAST_TOKEN is too short. Set it to at least {TOKEN_MIN} random characters.")


def address(bind: str) -> tuple[str, int]:
    """Host and port of `host:port`."""
    host, _, port = bind.rpartition(":")
    if not host or not port.isdecimal() or not 1 <= int(port) <= 65535:
        raise SettingsError(f"The address {bind!r} cannot be listened on. Set it to host:port.")
    return host, int(port)


def _targets(text: str) -> tuple[tuple[str, str, int], ...]:
    found = []
    for each in filter(None, (part.strip() for part in text.split(","))):
        who, _, where = each.partition("=")
        host, port = address(where)
        found.append((who, host, port))
    return tuple(found)


def _whole(environ: Mapping[str, str], name: str, *, default: int, highest: int) -> int:
    text = environ.get(name, "").strip()
    if not text:
        return default
    if not text.isdecimal() or not 1 <= int(text) <= highest:
        raise SettingsError(f"{name} is {text!r}. Set it to a whole number from 1 to {highest}.")
    return int(text)
