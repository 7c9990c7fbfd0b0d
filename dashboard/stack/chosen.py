"""Which bundles are meant: by name out of the catalogue, or as they were read, with the options they stand with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dashboard.errors import Refused
from dashboard.stack.applying.revisions import Revisions
from dashboard.stack.bundles import options as choices
from dashboard.stack.bundles.bundle import Bundle
from dashboard.stack.bundles.catalogue import Catalogue

Chosen = str | Bundle
"""A bundle of the catalogue by its name, or one that was read from elsewhere."""


@dataclass(frozen=True, slots=True)
class Choosing:
    """The bundles there are, and the records of them."""

    catalogue: Catalogue
    revisions: Revisions

    def names(self) -> list[str]:
        """The bundles there are, in the order they are deployed."""
        return [bundle.name for bundle in self.catalogue.all()]

    def bundles(self, chosen: Sequence[Chosen]) -> tuple[Bundle, ...]:
        """Those of the catalogue in its order, then the others."""
        if not chosen:
            raise Refused(f"No bundle was chosen; there are {', '.join(self.names())}.", status=422)
        given = [each for each in chosen if isinstance(each, Bundle)]
        named = {each: self.catalogue.get(each) for each in chosen if isinstance(each, str)}
        return (*(bundle for bundle in self.catalogue.all() if bundle.name in named), *given)

    def with_options(self, chosen: Sequence[Chosen], options: choices.Chosen | None) -> tuple[Bundle, ...]:
        """As they are to be applied: with the options chosen now, else with those they stand with."""
        return choices.applied(self.bundles(chosen), options or {}, standing=self.revisions.options_of)

    def to_remove(self, chosen: Chosen) -> Bundle:
        """One whose folder is gone can be removed by its record, and by what that kept of its manifests."""
        if isinstance(chosen, Bundle):
            return chosen
        try:
            return self.catalogue.get(chosen)
        except Refused:
            latest = self.revisions.latest(chosen)
            if latest is None:
                raise
            return self.revisions.bundle_of(latest) if latest.has_manifests else Bundle(chosen, ())
