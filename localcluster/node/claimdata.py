"""Where PersistentVolumes keep their data on this machine, and when those go; must not mount anything."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from localcluster.client import Object


def claim_directory(claims: Path, claim: Object) -> Path:
    """Where a claim's data lie, by namespace, name and uid."""
    metadata = claim["metadata"]
    return _directory(claims, metadata["namespace"], metadata["name"], metadata["uid"])


def volume_directory(claims: Path, volume: Object) -> Path | None:
    """Where the data of a volume lie: with the claim it is bound to."""
    claim = volume["spec"].get("claimRef")
    return None if claim is None else _directory(claims, claim["namespace"], claim["name"], claim.get("uid", ""))


def remove_data(claims: Path, volume: Object) -> None:
    """The volume is gone; whether its data go with it is for its reclaim policy to say."""
    directory = volume_directory(claims, volume)
    if directory is not None and volume["spec"].get("persistentVolumeReclaimPolicy") == "Delete":
        shutil.rmtree(directory, ignore_errors=True)


def remove_orphans(claims: Path, known: Iterable[Object], volumes: Iterable[Object]) -> None:
    """Data whose claim and volume are gone, because the cluster before this one ended without saying so."""
    kept = {claim_directory(claims, claim) for claim in known}
    kept |= {path for volume in volumes if (path := volume_directory(claims, volume)) is not None}
    for path in claims.glob("*/*"):
        if path not in kept:
            shutil.rmtree(path, ignore_errors=True)


def _directory(claims: Path, namespace: str, name: str, uid: str) -> Path:
    return Path(claims, namespace, f"{name}-{uid}")
