"""Which objects a list, a watch or a deletecollection means: a label selector and a field selector together."""

from __future__ import annotations

from dataclasses import dataclass, field

from localcluster.client import Object
from localcluster.resources import Resource
from localcluster.selectors import FieldSelector, LabelSelector, parse_field_selector, parse_label_selector


@dataclass(frozen=True, slots=True)
class Selection:
    """What fulfils both selectors; without either, everything."""

    labels: LabelSelector = field(default_factory=LabelSelector)
    fields: FieldSelector = field(default_factory=FieldSelector)

    @property
    def everything(self) -> bool:
        return self.labels.empty and self.fields.empty

    def matches(self, body: Object) -> bool:
        return self.labels.matches(body["metadata"].get("labels")) and self.fields.matches(body)


EVERYTHING = Selection()


def select(resource: Resource, *, labels: str = "", fields: str = "") -> Selection:
    """The selection of both selectors' texts; 400 when one cannot be understood."""
    if not labels and not fields:
        return EVERYTHING
    by_label = parse_label_selector(labels) if labels else LabelSelector()
    by_field = parse_field_selector(fields, resource=resource) if fields else FieldSelector()
    return Selection(by_label, by_field)
