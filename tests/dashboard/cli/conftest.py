"""A stack that does what it is told to, and a terminal that can be read."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from dashboard import cli
from dashboard.cli.following import Following
from dashboard.cli.session import Session
from dashboard.cli.stopping import Stopping
from dashboard.cli.terminal import Terminal
from dashboard.settings import Settings
from dashboard.stack.applying.revisions import RecordedObject, Revision
from dashboard.stack.bundles.bundle import ObjectRef
from dashboard.stack.bundles.catalogue import Catalogue
from dashboard.stack.planning.plan import FieldChange, Finding, ObjectPlan, Plan
from dashboard.stack.planning.removal import Removal, RemovalItem

MANIFEST = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: words, namespace: shop}\n"
WORDS = ObjectRef("v1", "ConfigMap", "shop", "words")
KEY = ObjectRef("v1", "Secret", "shop", "key")
REMOVAL = Removal(
    "one",
    (RemovalItem(WORDS, "u1", "It is ours."),),
    (RemovalItem(KEY, "u2", "It opens the data.", tickable=True),),
)


class Stream(io.StringIO):
    """What was written, and whether it is a terminal."""

    def __init__(self, text: str = "", *, is_terminal: bool = False) -> None:
        super().__init__(text)
        self.is_terminal = is_terminal

    def isatty(self) -> bool:
        return self.is_terminal


@dataclass
class FakeStack:
    """Plans what it was given and does what the levers say; `calls` are those that would write."""

    catalogue: Catalogue
    show: Callable[[Mapping[str, Any]], None] = lambda row: None
    calls: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    planned: list[Any] = field(default_factory=list)
    objects: tuple[ObjectPlan, ...] = (ObjectPlan(WORDS, "one", "configuration", "create"),)
    findings: tuple[Finding, ...] = ()
    removes: Removal = REMOVAL
    records: dict[str, list[Revision]] = field(default_factory=dict)
    ends: tuple[str, str | None] = ("done", None)
    results: tuple[tuple[str, str | None], ...] = (("created", None),)
    during: Callable[[], None] = lambda: None
    deadline_s: float = 300.0
    was_stopped: bool = False

    @property
    def revisions(self) -> FakeStack:
        return self

    def names(self) -> list[str]:
        return [bundle.name for bundle in self.catalogue.all()]

    def plan(self, chosen: Any, *, take_over: Any = (), options: Any = None) -> Plan:
        self.planned.append(chosen)
        names = [each if isinstance(each, str) else each.name for each in chosen]
        objects = tuple(replace(each, bundle=name) for name in names for each in self.objects)
        return Plan(dict.fromkeys(names, "abc"), objects, self.findings)

    def plan_back(self, name: str, number: int, *, take_over: Any = ()) -> Plan:
        return self.plan([name])

    def history(self, chosen: Any) -> tuple[Revision, ...]:
        return tuple(self.records.get(chosen if isinstance(chosen, str) else chosen.name, ()))

    def latest(self, name: str) -> Revision | None:
        return next(iter(self.history(name)), None)

    def removal(self, chosen: Any) -> Removal:
        return self.removes

    def run(self, chosen: Any, **given: Any) -> Mapping[str, Any]:
        return self._do("deploy", [each if isinstance(each, str) else each.name for each in chosen], given)

    def run_roll_back(self, name: str, number: int, **given: Any) -> Mapping[str, Any]:
        return self._do("roll back", [name], {"number": number, **given})

    def run_teardown(self, chosen: Any, **given: Any) -> Mapping[str, Any]:
        return self._do("teardown", [chosen if isinstance(chosen, str) else chosen.name], given)

    def stop(self) -> None:
        self.was_stopped = True

    def _do(self, action: str, names: list[str], given: Mapping[str, Any]) -> Mapping[str, Any]:
        self.calls.append((action, given))
        object_ = {"id": WORDS.id, "kind": "ConfigMap", "namespace": "shop", "name": "words"}
        step = {"bundle": names[0], "stage": "configuration", "object": object_, "result": "pending", "detail": None}
        row = {"state": "applying", "action": action, "bundle": names[0], "bundles": names, "by": "me",
               "steps": [step], "error": None, "started_at": "2026-01-01T10:00:00Z", "finished_at": None}  # fmt: skip
        self.show(row)
        self.during()
        state, error = self.ends
        done = {**row, "state": state, "error": error, "finished_at": "2026-01-01T10:00:01Z"}  # fmt: skip
        done["steps"] = [{**step, "result": result, "detail": detail} for result, detail in self.results]
        self.show(done)
        return done


@dataclass
class Asked:
    """`surgeboard …` on a fake stack; `out` and `err` are what was said last."""

    stack: FakeStack
    folder: Path
    out: str = ""
    err: str = ""

    def __call__(self, *words: str, typed: str | None = None, work: Any = None) -> Any:
        """Runs one command; `typed`: what a person types, None where nobody sits there. The end, or what it raised."""
        from dashboard.cli import deploy, status, teardown

        modules: dict[str, Any] = {"deploy": deploy, "status": status, "teardown": teardown}
        arguments = cli._parser().parse_args(list(words))
        is_terminal = typed is not None
        out, err = Stream(), Stream(is_terminal=is_terminal)
        terminal = Terminal(out, err, Stream(typed or "", is_terminal=is_terminal), arguments.json, {"TERM": "xterm"})
        following = Following(terminal, lambda: 0.0, lambda _: None)
        self.stack.show = following.show
        self.stopping = Stopping()
        cluster = {"name": "here", "server": "https://127.0.0.1"}
        stack: Any = self.stack
        session = Session(arguments, terminal, stack, following, self.stopping, cluster, Settings())
        try:
            modules[words[0]].check(arguments, terminal)
            return modules[words[0]].work(session)
        finally:
            self.out, self.err = out.getvalue(), err.getvalue()


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Asked:
    """Two bundles, `one` and `two`, and an empty folder to be in."""
    for name in ("one", "two"):
        (tmp_path / "bundles" / name).mkdir(parents=True)
        (tmp_path / "bundles" / name / "words.yaml").write_text(MANIFEST)
        (tmp_path / "bundles" / name / "kustomization.yaml").write_text("resources: [words.yaml]\n")
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    return Asked(FakeStack(Catalogue(tmp_path / "bundles")), here)


@pytest.fixture
def manifest() -> str:
    return MANIFEST


@pytest.fixture
def planned() -> Callable[..., ObjectPlan]:
    """An object of the plan, with a verdict."""

    def make(verdict: Any, ref: ObjectRef = WORDS, **given: Any) -> ObjectPlan:
        return ObjectPlan(ref, "one", "configuration", verdict, **given)

    return make


@pytest.fixture
def finding() -> type[Finding]:
    return Finding


@pytest.fixture
def change() -> type[FieldChange]:
    return FieldChange


@pytest.fixture
def revision() -> Callable[..., Revision]:
    """A record of what was deployed."""

    def make(bundle: str, number: int = 1, state: Any = "applied") -> Revision:
        return Revision(bundle, number, "abc", "2026-01-01T10:00:00Z", "me", state, (RecordedObject(WORDS, "u1"),))

    return make


@pytest.fixture
def stream() -> type[Stream]:
    return Stream
