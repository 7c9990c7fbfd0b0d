"""Who sets how many replicas there are, read from managedFields with as little as that takes. Decoding only."""

from __future__ import annotations

import msgspec
from msgspec import field

from dashboard.kube.structs import Fields, Meta, Workload


class _ReplicasOwned(msgspec.Struct):
    replicas: dict[str, msgspec.Raw] | None = field(name="f:replicas", default=None)


class _FieldsOwned(msgspec.Struct):
    spec: _ReplicasOwned | None = field(name="f:spec", default=None)


class Writer(Fields):
    """An entry of managedFields. A write through the subresource `scale` carries no time."""

    manager: str = ""
    operation: str = ""
    subresource: str = ""
    time: str | None = None
    fields_v1: _FieldsOwned | None = field(name="fieldsV1", default=None)

    @property
    def owns_replicas(self) -> bool:
        """Whether `spec.replicas` is this writer's."""
        owned = self.fields_v1.spec if self.fields_v1 is not None else None
        return owned is not None and owned.replicas is not None


class ScalableMeta(Meta):
    """Of all writers only those are held that own the number of replicas."""

    managed_fields: list[Writer] | None = None

    def __post_init__(self) -> None:
        self.managed_fields = [each for each in self.managed_fields or () if each.owns_replicas]

    @property
    def scaled_by(self) -> Writer | None:
        """The last of them: a change takes the field from all who had it, an apply of the same number shares it."""
        return max(
            self.managed_fields or (), key=lambda each: (each.operation == "Update", each.time or ""), default=None
        )


class Scalable(Workload):
    """Deployment and StatefulSet: what an autoscaler scales, and who did last."""

    metadata: ScalableMeta = field(default_factory=ScalableMeta)
