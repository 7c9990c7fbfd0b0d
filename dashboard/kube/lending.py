"""In whose name something goes on after the requests that it was asked for in. It sends nothing."""

from __future__ import annotations

from dataclasses import dataclass, field

from dashboard.kube.credential import Credential, acting_with


@dataclass(slots=True)
class Lent:
    """The credentials of those who asked, the last one first; each is good for as long as its person is signed in.

    `only_reads`: our own account changes nothing, so that nothing is changed without one of them.
    """

    only_reads: bool = False
    _lenders: list[Credential] = field(default_factory=list)

    @property
    def credential(self) -> Credential | None:
        """Of the last one who is still signed in."""
        return next((each for each in self._lenders if each.is_there), None)

    @property
    def may_change(self) -> bool:
        """Whether there is somebody in whose name it may be changed."""
        return not self.only_reads or self.credential is not None

    def take(self) -> None:
        """Whoever is asking carries it on."""
        person = acting_with.get()
        if person is not None:
            self._lenders = [person, *(each for each in self._lenders if each != person)]

    def is_refused(self) -> None:
        """The cluster has just not let somebody change it; they are not asked for again."""
        refused = acting_with.get() or self.credential
        self._lenders = [each for each in self._lenders if each != refused]
