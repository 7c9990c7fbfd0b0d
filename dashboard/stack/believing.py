"""How far what the records say of a bundle is believed: as far as its files go, as they are now (SECURITY.md).

It decides, and reads records; it must not apply or delete anything.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

from dashboard.stack.applying.revisions import Revision, Revisions
from dashboard.stack.bundles.bundle import Bundle, ObjectRef
from dashboard.stack.bundles.catalogue import Catalogue
from dashboard.stack.bundles.granting import Grant
from dashboard.stack.chosen import Chosen
from dashboard.stack.health.state import refs_of


@dataclass(frozen=True, slots=True)
class Believing:
    """The bundles there are, and the records of them."""

    catalogue: Catalogue
    revisions: Revisions
    records_namespace: str

    def kept(self, name: str, number: int) -> tuple[Revision, Bundle]:
        """A kept revision. Raises Refused where its record asks for more than the files of the bundle allow."""
        revision = self.revisions.get(name, number)
        bundle = self.revisions.bundle_of(revision)
        grant = self.grant(name, name)
        grant.refuse(bundle, number=number)
        own = grant.files is None or grant.files.own
        return revision, replace(bundle, own=own, cluster_scoped=grant.cluster_scoped or not own)

    def grant(self, chosen: Chosen, name: str) -> Grant:
        """What the records of a bundle are believed: what its files say, as they are now."""
        known = {bundle.name: bundle for bundle in self.catalogue.all()}
        given = chosen if isinstance(chosen, Bundle) else known.get(name)
        closed = {self.records_namespace}
        if given is None:
            ours = [ref for bundle in known.values() if not bundle.own for ref in refs_of(bundle)]
            closed |= {ref.namespace or ref.name for ref in ours}
        is_scoped = given.cluster_scoped if given is not None else self.catalogue.cluster_scoped
        return Grant(name, given, frozenset(closed), is_scoped)

    def deletes(self, bundles: Collection[Bundle], *, kept: bool = False) -> Callable[[str, ObjectRef], bool]:
        """Whether the records are believed about an object of one of the bundles; `kept`: these come from records."""
        known = {bundle.name for bundle in self.catalogue.all()}
        grants = {
            each.name: self.grant(each.name if kept or each.name in known else each, each.name) for each in bundles
        }
        return lambda name, ref: grants[name].deletes(ref)
