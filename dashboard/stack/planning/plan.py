"""What an apply would do, as values: a verdict and a diff an object, and what the cluster lacks. Asks nobody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from dashboard.stack.bundles.bundle import ObjectRef

Verdict = Literal["create", "change", "unchanged", "conflict", "forbidden", "invalid", "remove"]
"""`remove`: an earlier revision made it and this one does not hold it any more."""

BLOCKING: frozenset[Verdict] = frozenset({"conflict", "forbidden", "invalid"})


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field before and after, as text; None: not there. The values of a Secret are never here."""

    path: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class FieldOwner:
    """A field that another manager owns, and since when (ISO 8601, None: not told).

    `operation` is Apply or Update; `subresource` is `scale` for `kubectl scale` and for the HPA, else empty.
    """

    manager: str
    field: str
    since: str | None = None
    operation: str = ""
    subresource: str = ""


@dataclass(frozen=True, slots=True)
class ObjectPlan:
    """What would become of one object.

    `checked` is False when the dry run could not be made: the namespace or the kind is itself part of the plan, or a
    webhook of the cluster does not take part in dry runs.
    `sentence`: for a blocking verdict what is wrong and what to do, else None or what is worth knowing (from whom
    fields are taken over, why it could not be tried).
    """

    ref: ObjectRef
    bundle: str
    stage: str
    verdict: Verdict
    sentence: str | None = None
    changes: tuple[FieldChange, ...] = ()
    owners: tuple[FieldOwner, ...] = ()
    checked: bool = True


@dataclass(frozen=True, slots=True)
class Finding:
    """One check of the preflight. `remedy`: what to do about it, None when nothing needs doing.

    `blocks`: applying would be refused or would wait for ever; the rest of what is missing is only said.
    """

    check: str
    state: Literal["ok", "missing", "unknown"]
    subject: str
    sentence: str
    remedy: str | None = None
    blocks: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole plan. `revisions`: bundle name → the revision that was planned. `options`: what it was planned with."""

    revisions: Mapping[str, str]
    objects: tuple[ObjectPlan, ...]
    findings: tuple[Finding, ...] = ()
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    seal: str | None = None
    """Of a roll-back: what it asks back, so that what was planned is what is applied."""

    @property
    def may_apply(self) -> bool:
        """Whether nothing stands in the way: no blocking verdict and no blocking finding."""
        blocked = any(each.verdict in BLOCKING for each in self.objects)
        return not blocked and not any(each.blocks for each in self.findings)

    def document(self) -> dict[str, Any]:
        """For JSON and for pages."""
        return {
            "revisions": dict(self.revisions),
            "seal": self.seal,
            "options": {name: list(names) for name, names in self.options.items()},
            "may_apply": self.may_apply,
            "counts": dict(Counter(each.verdict for each in self.objects)),
            "objects": [{**asdict(each), "id": each.ref.id, "object": str(each.ref)} for each in self.objects],
            "findings": [asdict(each) for each in self.findings],
        }
