"""A pod's volumes as directories of this machine: configMap, secret, emptyDir, projected, downwardAPI, claims.

Fills directories and says where they are; must not mount anything.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from localcluster.client import Client, Object
from localcluster.controllers.clock import Clock
from localcluster.errors import ApiError
from localcluster.node.claimdata import claim_directory
from localcluster.node.environment import ConfigError, Sources, field_value, resource_value
from localcluster.node.settings import TokenIssuer
from localcluster.resources import PERSISTENT_VOLUME_CLAIMS

log = logging.getLogger(__name__)

_DATA = "..data"
_REFRESH_SECONDS = 60.0


class VolumeError(Exception):
    """What kubelet tells in a FailedMount Event."""


@dataclass(frozen=True, slots=True)
class File:
    """One file of a volume, `path` relative to its root."""

    path: str
    content: bytes
    mode: int


class Volumes:
    """Prepares the volumes of one pod under `directory`; claims live under `claims` and outlive the pod."""

    def __init__(
        self, *, directory: Path, claims: Path, client: Client, clock: Clock, token_issuer: TokenIssuer,
        enforce_owner: bool, allocatable: Mapping[str, str],
    ) -> None:  # fmt: skip
        self._directory = directory
        self._claims = claims
        self._client = client
        self._clock = clock
        self._token_issuer = token_issuer
        self._enforce_owner = enforce_owner
        self._allocatable = allocatable

    async def prepare(self, pod: Object) -> dict[str, Path]:
        """Volume name → directory; raises VolumeError worded as kubelet's FailedMount."""
        sources = Sources(self._client, pod["metadata"]["namespace"])
        paths: dict[str, Path] = {}
        for volume in pod["spec"].get("volumes") or ():
            try:
                paths[volume["name"]] = await self._one(volume, pod, sources)
            except (ConfigError, ApiError, OSError) as error:
                raise VolumeError(f'MountVolume.SetUp failed for volume "{volume["name"]}" : {error}') from error
        return paths

    async def refresh(self, pod: Object) -> None:
        """Writes again what is projected and has changed since. One that has lost its source does not keep others."""
        metadata = pod["metadata"]
        sources = Sources(self._client, metadata["namespace"])
        for volume in pod["spec"].get("volumes") or ():
            if "emptyDir" in volume or "persistentVolumeClaim" in volume:
                continue
            try:
                await self._one(volume, pod, sources)
            except (ConfigError, ApiError, OSError) as error:
                where = f"{volume['name']} of pod {metadata['namespace']}/{metadata['name']}"
                log.info("volume %s was not refreshed: %s", where, error)

    async def keep_fresh(self, pod: Callable[[], Object]) -> None:
        """ConfigMaps, Secrets and tokens follow their source, as slowly as under kubelet. Ends by cancellation."""
        while True:
            await self._clock.sleep(_REFRESH_SECONDS)
            await self.refresh(pod())

    def remove(self) -> None:
        shutil.rmtree(self._directory, ignore_errors=True)

    async def _one(self, volume: Object, pod: Object, sources: Sources) -> Path:
        group = (pod["spec"].get("securityContext") or {}).get("fsGroup")
        if "persistentVolumeClaim" in volume:
            return await self._claim(volume["persistentVolumeClaim"]["claimName"], pod, group)
        path = Path(self._directory, volume["name"])
        if "emptyDir" in volume:
            return self._writable(path, group)
        files = await self._files(volume, pod, sources)
        write_files(path, files, version=self._clock.now().strftime("..%Y_%m_%d_%H_%M_%S.%f"), group=self._group(group))
        return path

    async def _files(self, volume: Object, pod: Object, sources: Sources) -> list[File]:
        if "configMap" in volume:
            source = volume["configMap"]
            return await _keys(source["name"], source, sources, secret=False, mode=source.get("defaultMode", 0o644))
        if "secret" in volume:
            source = volume["secret"]
            mode = source.get("defaultMode", 0o644)
            return await _keys(source["secretName"], source, sources, secret=True, mode=mode)
        if "downwardAPI" in volume:
            source = volume["downwardAPI"]
            return _downward(source, pod, source.get("defaultMode", 0o644), self._allocatable)
        if "projected" in volume:
            return await self._projected(volume["projected"], pod, sources)
        kind = next((key for key in volume if key != "name"), "nothing")
        raise ConfigError(
            f"volumes of type {kind} are refused by the local cluster; use configMap, secret, emptyDir, projected, "
            "downwardAPI or persistentVolumeClaim"
        )

    async def _projected(self, projected: Mapping[str, Any], pod: Object, sources: Sources) -> list[File]:
        mode = projected.get("defaultMode", 0o644)
        files: list[File] = []
        for source in projected.get("sources") or ():
            if "serviceAccountToken" in source:
                files.append(await self._token(source["serviceAccountToken"], pod, mode))
            elif "configMap" in source:
                entry = source["configMap"]
                files += await _keys(entry["name"], entry, sources, secret=False, mode=mode)
            elif "secret" in source:
                entry = source["secret"]
                files += await _keys(entry["name"], entry, sources, secret=True, mode=mode)
            elif "downwardAPI" in source:
                files += _downward(source["downwardAPI"], pod, mode, self._allocatable)
            else:
                raise ConfigError(f"projected source {', '.join(source)} is not known to the local cluster")
        return files

    async def _token(self, source: Mapping[str, Any], pod: Object, mode: int) -> File:
        token = await self._token_issuer(
            pod["metadata"]["namespace"],
            pod["spec"].get("serviceAccountName") or "default",
            pod=pod,
            expiration_seconds=source.get("expirationSeconds", 3600),
            audience=source.get("audience", ""),
        )
        return File(source["path"], token.encode(), mode)

    async def _claim(self, name: str, pod: Object, group: int | None) -> Path:
        namespace = pod["metadata"]["namespace"]
        claim = await self._client.get(PERSISTENT_VOLUME_CLAIMS, name, namespace=namespace)
        return self._writable(claim_directory(self._claims, claim), group)

    def _writable(self, path: Path, group: int | None) -> Path:
        """A directory anybody in the pod may write to, as emptyDir and local provisioners give it."""
        if not path.exists():
            path.mkdir(parents=True)
            path.chmod(0o777)
        if group is not None and self._enforce_owner:
            os.chown(path, -1, group)
            path.chmod(path.stat().st_mode | 0o2770)
        return path

    def _group(self, group: int | None) -> int | None:
        return group if self._enforce_owner else None


def write_files(directory: Path, files: Sequence[File], *, version: str, group: int | None) -> None:
    """Writes all `files` as one change: readers see the old set or the new one, through the link `..data`."""
    current = directory / _DATA
    if current.exists() and _unchanged(current, files):
        return
    directory.mkdir(parents=True, exist_ok=True)
    directory.chmod(0o755)
    fresh = directory / version
    for file in files:
        target = fresh / file.path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch(mode=0o600)
        target.write_bytes(file.content)
        # kubelet lets the pod's fsGroup read what it owns.
        target.chmod(file.mode | 0o440 if group is not None else file.mode)
        if group is not None:
            os.chown(target, -1, group)
    fresh.mkdir(exist_ok=True)
    before = current.resolve() if current.is_symlink() else None
    link = directory / "..data_tmp"
    link.symlink_to(version)
    link.rename(current)
    _link_top(directory, files)
    if before is not None:
        shutil.rmtree(before, ignore_errors=True)


def _link_top(directory: Path, files: Sequence[File]) -> None:
    wanted = {file.path.split("/")[0] for file in files}
    for name in wanted:
        if not (directory / name).is_symlink():
            (directory / name).symlink_to(f"{_DATA}/{name}")
    for entry in directory.iterdir():
        if entry.is_symlink() and entry.name != _DATA and entry.name not in wanted:
            entry.unlink()


def _unchanged(current: Path, files: Sequence[File]) -> bool:
    present = {str(path.relative_to(current)): path for path in current.rglob("*") if path.is_file()}
    return present.keys() == {file.path for file in files} and all(
        present[file.path].read_bytes() == file.content for file in files
    )


async def _keys(name: str, source: Mapping[str, Any], sources: Sources, *, secret: bool, mode: int) -> list[File]:
    found = await (sources.secret(name) if secret else sources.config_map(name))
    if found is None:
        if source.get("optional"):
            return []
        raise ConfigError(f'{"secret" if secret else "configmap"} "{name}" not found')
    items = source.get("items")
    if not items:
        return [File(key, content, mode) for key, content in found.items()]
    files = []
    for item in items:
        if item["key"] in found:
            files.append(File(_inside(item["path"]), found[item["key"]], item.get("mode", mode)))
        elif not source.get("optional"):
            raise ConfigError(f"references non-existent {'secret' if secret else 'config'} key: {item['key']}")
    return files


def _downward(source: Mapping[str, Any], pod: Object, mode: int, allocatable: Mapping[str, str]) -> list[File]:
    files = []
    for item in source.get("items") or ():
        if "fieldRef" in item:
            text = field_value(pod, item["fieldRef"]["fieldPath"])
        else:
            text = resource_value(pod, item["resourceFieldRef"], allocatable=allocatable)
        files.append(File(_inside(item["path"]), text.encode(), item.get("mode", mode)))
    return files


def _inside(path: str) -> str:
    if path.startswith("/") or ".." in path.split("/"):
        raise ConfigError(f'invalid path "{path}": it must stay inside the volume')
    return path
