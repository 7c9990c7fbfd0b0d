"""Whether the volumes that are asked for can be made: the named StorageClass, or a default one."""

from __future__ import annotations

from collections.abc import Iterator

from dashboard.stack.bundles.bundle import Manifest
from dashboard.stack.health.fields import mapping, mappings
from dashboard.stack.planning.plan import Finding
from dashboard.stack.preflight.facts import Facts

CHECK = "storage class"
PATH = "/apis/storage.k8s.io/v1/storageclasses"
DEFAULT = "storageclass.kubernetes.io/is-default-class"
CHOOSE = f"Name one in the volume claim, or mark one as default with the annotation {DEFAULT}."


def check(facts: Facts) -> Iterator[Finding]:
    """One finding a claim whose object is not there yet; what is there has its volumes already."""
    for owner in facts.of_kind("StatefulSet", "PersistentVolumeClaim"):
        if facts.live(owner) is None:
            for claim in _claims(owner):
                yield _finding(facts, f"{owner['kind']} {owner['metadata']['name']}", claim)


def _finding(facts: Facts, owner: str, claim: Manifest) -> Finding:
    wanted = mapping(claim, "spec").get("storageClassName")
    if wanted == "":
        return Finding(CHECK, "unknown", owner, f"{owner} asks for a volume that was made by hand.")
    planned = {each["metadata"]["name"]: each for each in facts.of_kind("StorageClass")}
    listed = facts.listed(PATH)
    if listed is None and not planned:
        return Finding(CHECK, "unknown", owner, f"You may not list storage classes; {owner} needs one.")
    classes = {**{each["metadata"]["name"]: each for each in listed or ()}, **planned}
    if wanted:
        if wanted in classes:
            return Finding(CHECK, "ok", owner, f"Storage class {wanted} that {owner} asks for is there.")
        there = f"there are {', '.join(sorted(classes))}" if classes else "there is none at all"
        return Finding(
            CHECK, "missing", owner, f"{owner} asks for storage class {wanted}; {there}.",
            "Correct the name, or create the class.", blocks=True,
        )  # fmt: skip
    default = next((name for name, each in classes.items() if _is_default(each)), None)
    if default:
        return Finding(CHECK, "ok", owner, f"The volumes of {owner} are made by the default storage class {default}.")
    return Finding(
        CHECK, "missing", owner, f"{owner} asks for volumes, and no storage class is the default.", CHOOSE, blocks=True
    )


def _claims(owner: Manifest) -> list[Manifest]:
    if owner["kind"] == "PersistentVolumeClaim":
        return [owner]
    return list(mappings(owner, "spec", "volumeClaimTemplates"))


def _is_default(storage_class: Manifest) -> bool:
    return (storage_class["metadata"].get("annotations") or {}).get(DEFAULT) == "true"
