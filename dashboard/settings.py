"""Everything that can be configured, in one frozen object; the only reader of the environment.

Wrong values are refused at start with a sentence that names the variable.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from dashboard.addresses import hops_problem, proxies_problem, urls_problem

PREFIX = "SURGEBOARD_"
COMPUTED = frozenset({"targets", "in_cluster"})
"""Fields that no variable sets."""
SWITCHES = frozenset({"stacks_cluster_scoped", "read_only"})
LISTS = frozenset({"urls", "trusted_proxies", "forwarding_hops", "namespaces"})
WHOLE_NUMBERS = frozenset(
    {
        "port",
        "viewers_max",
        "viewers_per_address",
        "runs_max_count",
        "runs_max_days",
        "story_max_count",
        "story_max_days",
    }
)
_NAMESPACE = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\Z")
PACKAGE = Path(__file__).resolve().parent


class WrongSetting(Exception):
    """A value that cannot be used; the text names the setting and what it takes."""


def default_bundles_dir() -> Path:
    """`manifests/` of a checkout, or the copy that an installed package carries."""
    checkout = PACKAGE.parent / "manifests"
    return checkout if checkout.is_dir() else PACKAGE / "bundles"


@dataclass(frozen=True, slots=True)
class Target:
    """A Service that a swarm may aim at. Swarms take no address from a person (TRUST L1)."""

    id: str
    namespace: str
    service: str
    port: int
    paths: tuple[str, ...] = ()
    """What our scenario asks it for, for people who read a plan."""

    @property
    def url(self) -> str:
        """The in-cluster address of the Service."""
        port = "" if self.port == 80 else f":{self.port}"
        return f"http://{self.service}.{self.namespace}.svc.cluster.local{port}"


@dataclass(frozen=True, slots=True)
class Settings:
    """The dashboard's configuration; `SURGEBOARD_<NAME>` in the environment sets a field."""

    host: str = "127.0.0.1"
    """Address to listen on; more than loopback only with a sign-in for other people (`auth`)."""

    auth: str = "local"
    """How people sign in: local (single-use URL), token (one of the cluster), proxy (headers of a trusted one)."""

    urls: tuple[str, ...] = ()
    """The addresses by which people reach the dashboard, comma-separated; needed unless `auth` is local."""

    trusted_proxies: tuple[str, ...] = ()
    """Networks (CIDR, comma-separated) whose forwarded headers are believed; needed for `auth` proxy."""

    forwarding_hops: tuple[str, ...] = ()
    """Networks (CIDR, comma-separated) believed about whose address a request comes from, and about nothing else."""

    read_only: bool = False
    """Whether there is nothing here that changes anything; true or false."""

    port: int = 8080
    """TCP port to listen on; 1 to 65535."""

    data_dir: Path = Path(".surgeboard")
    """Folder for the sign-in file, recorded runs and the story; made with mode 0700."""

    kubeconfig: Path | None = None
    """Kubeconfig of the cluster; None: the pod's ServiceAccount in a cluster, else the user's own kubeconfig."""

    in_cluster: bool = False
    """Whether this process runs in a pod; seen from KUBERNETES_SERVICE_HOST."""

    context: str | None = None
    """Context of the kubeconfig; None: its current one."""

    bundles_dir: Path = field(default_factory=default_bundles_dir)
    """Folder with one sub-folder a bundle."""

    stacks_dir: Path | None = None
    """Folder with one sub-folder for each stack of your own; None: there are none. Its manifests are only read."""

    stacks_cluster_scoped: bool = False
    """Whether own stacks may hold Namespaces and other objects of the whole cluster; true or false."""

    locustfiles_dir: Path | None = None
    """Folder with load scenarios of your own, one `NAME.py` each; None: there is the guestbook's alone. Only read."""

    namespaces: tuple[str, ...] = ()
    """The namespaces that are shown, comma-separated; none named: the whole cluster, to whoever may look."""

    records_namespace: str = "surgeboard-records"
    """Namespace that keeps what was deployed (ConfigMaps) and who deploys (a Lease); made if it is not there."""

    runs_max_count: int = 200
    """Recorded runs that are kept; the oldest go first. 1 to 10000."""

    runs_max_days: int = 90
    """Days for which recorded runs are kept; 1 to 3650."""

    story_max_count: int = 50_000
    """Lines of the story that are kept; the oldest go first. 500 to 1000000."""

    story_max_days: int = 30
    """Days for which the story is kept; 1 to 3650."""

    viewers_max: int = 500
    """Open browser connections at once; one more is refused."""

    viewers_per_address: int = 50
    """Of these, how many from one address; more where people share one, behind a port-forward or a node port."""

    log_level: str = "WARNING"
    """DEBUG, INFO, WARNING or ERROR."""

    log_format: str = "text"
    """text, or json: one document a line."""

    targets: tuple[Target, ...] = (
        Target("guestbook", "flask", "guestbook", 8080, ("/", "/api/entries", "/entries", "/work")),
    )
    """Services a swarm may aim at; fixed in code until there is a configuration file."""

    def __post_init__(self) -> None:
        self._check_auth()
        if not 1 <= self.port <= 65535:
            raise WrongSetting(f"{PREFIX}PORT is {self.port}; it takes a number from 1 to 65535.")
        for name, value, most in (
            ("VIEWERS_MAX", self.viewers_max, 5000),
            ("VIEWERS_PER_ADDRESS", self.viewers_per_address, 5000),
            ("RUNS_MAX_COUNT", self.runs_max_count, 10_000),
            ("RUNS_MAX_DAYS", self.runs_max_days, 3650),
            ("STORY_MAX_DAYS", self.story_max_days, 3650),
        ):
            if not 1 <= value <= most:
                raise WrongSetting(f"{PREFIX}{name} is {value}; it takes a number from 1 to {most}.")
        if not 500 <= self.story_max_count <= 1_000_000:
            raise WrongSetting(
                f"{PREFIX}STORY_MAX_COUNT is {self.story_max_count}; it takes a number from 500 to 1000000."
            )
        if self.log_level not in ("DEBUG", "INFO", "WARNING", "ERROR"):
            raise WrongSetting(f"{PREFIX}LOG_LEVEL is {self.log_level!r}; it takes DEBUG, INFO, WARNING or ERROR.")
        if self.log_format not in ("text", "json"):
            raise WrongSetting(f"{PREFIX}LOG_FORMAT is {self.log_format!r}; it takes text or json.")
        self._check_stacks()
        if self.kubeconfig is not None and not self.kubeconfig.is_file():
            raise WrongSetting(f"{PREFIX}KUBECONFIG is {self.kubeconfig}; there is no such file.")

    def _check_auth(self) -> None:
        if self.auth not in ("local", "token", "proxy"):
            raise WrongSetting(f"{PREFIX}AUTH is {self.auth!r}; it takes local, token or proxy.")
        if self.auth == "local" and not _is_loopback(self.host):
            raise WrongSetting(
                f"{PREFIX}HOST is {self.host!r}; with {PREFIX}AUTH=local only a loopback address is allowed, since "
                "everyone who reaches the page could deploy and start load. Use 127.0.0.1 and a tunnel, or "
                f"{PREFIX}AUTH=token."
            )
        if self.auth != "local" and not self.urls:
            raise WrongSetting(
                f"{PREFIX}URLS is empty; with {PREFIX}AUTH={self.auth} it takes the addresses people use, such as "
                "https://surgeboard.example.com."
            )
        if self.auth == "proxy" and not self.trusted_proxies:
            raise WrongSetting(
                f"{PREFIX}TRUSTED_PROXIES is empty; with {PREFIX}AUTH=proxy it takes the proxy's network, "
                "such as 10.1.2.3/32."
            )
        for name, problem in (
            ("URLS", urls_problem(self.urls)), ("TRUSTED_PROXIES", proxies_problem(self.trusted_proxies)),
            ("FORWARDING_HOPS", hops_problem(self.forwarding_hops)),
        ):  # fmt: skip
            if problem is not None:
                raise WrongSetting(f"{PREFIX}{name} {problem}")

    def _check_stacks(self) -> None:
        for name, folder in (
            ("BUNDLES_DIR", self.bundles_dir),
            ("STACKS_DIR", self.stacks_dir),
            ("LOCUSTFILES_DIR", self.locustfiles_dir),
        ):
            if folder is not None and not folder.is_dir():
                raise WrongSetting(f"{PREFIX}{name} is {folder}; there is no such folder.")
        if not _NAMESPACE.match(self.records_namespace):
            raise WrongSetting(
                f"{PREFIX}RECORDS_NAMESPACE is {self.records_namespace!r}; it takes the name of a namespace: "
                "small letters, digits and hyphens, 63 at most."
            )
        self._check_namespaces()

    def _check_namespaces(self) -> None:
        for name in self.namespaces:
            if not _NAMESPACE.match(name):
                raise WrongSetting(
                    f"{PREFIX}NAMESPACES holds {name!r}; it takes names of namespaces: small letters, digits and "
                    "hyphens, 63 at most."
                )
        for target in self.targets:
            if self.namespaces and target.namespace not in self.namespaces:
                raise WrongSetting(f"{PREFIX}NAMESPACES leaves out {target.namespace}, where the app is; add it.")

    @classmethod
    def from_environment(cls, environ: Mapping[str, str], **given: Any) -> Settings:
        """Settings from `SURGEBOARD_*`, overridden by what the command line `given`s (None: not given).

        Raises WrongSetting for an unknown variable, a bad number or a refused value.
        """
        values: dict[str, Any] = {"in_cluster": "KUBERNETES_SERVICE_HOST" in environ}
        known = {PREFIX + each.name.upper(): each.name for each in fields(cls) if each.name not in COMPUTED}
        for name, text in environ.items():
            if name.startswith(PREFIX):
                if name not in known:
                    raise WrongSetting(f"{name} is not a setting; there are {', '.join(sorted(known))}.")
                values[known[name]] = _parse(name, known[name], text)
        values.update({name: value for name, value in given.items() if value is not None})
        return cls(**values)

    def on(self, *, kubeconfig: Path, context: str | None = None) -> Settings:
        """The same settings against another cluster."""
        return replace(self, kubeconfig=kubeconfig, context=context)


def _parse(variable: str, name: str, text: str) -> Any:
    if name in WHOLE_NUMBERS:
        if not text.isdecimal():
            raise WrongSetting(f"{variable} is {text!r}; it takes a whole number.")
        return int(text)
    if name in LISTS:
        return tuple(each.strip() for each in text.split(",") if each.strip())
    if name in SWITCHES:
        if text not in ("true", "false"):
            raise WrongSetting(f"{variable} is {text!r}; it takes true or false.")
        return text == "true"
    if name in ("data_dir", "kubeconfig", "bundles_dir", "stacks_dir", "locustfiles_dir"):
        return Path(text).expanduser()
    return text


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
