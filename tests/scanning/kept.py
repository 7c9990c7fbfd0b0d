"""What the scanners find and we keep, each with its reason."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

BANDIT: Mapping[str, str] = {
    "B101": "assertions state what the code around them has made true; none of them checks input",
    "B104": "a pod listens on its own address; who may come is the network policy's",
    "B105": "names of headers and kinds, sentences and empty defaults; none is a password",
    "B106": "an empty value until the real one has come",
    "B108": "a container's /tmp is its own, and /dev/shm is chosen knowingly",
    "B113": "what is called requests there is what a container requests",
    "B311": "dice for load and back-off, not for secrets",
    "B404": "kubectl, mongod and the cluster's own programs are started on purpose, by list, without a shell",
    "B506": "the loader is a subclass of the safe one",
    "B603": "kubectl, mongod and the cluster's own programs are started on purpose, by list, without a shell",
    "B606": "containers are programs: the local cluster's node starts them",
    "B608": "table and column names come from our own schema; values are bound",
}
"""Test of bandit → reason. Ruff's rules S are the same tests, judged line by line where they stand."""

CHECKOV: Mapping[str, str] = {
    "CKV_K8S_15 *": "tags name a release and do not move; Always would keep a laptop without a registry from starting",
    "CKV_K8S_43 *": "digests are those of the registry that one pushes to; make push prints them",
    "CKV_K8S_35 *": "the programs read their passwords from the environment of their own pod, and from nowhere else",
    "CKV_K8S_21 Role.default.surgeboard-*": "the API server's own addresses and cluster-wide Events are in no other",
    "CKV_K8S_21 RoleBinding.default.surgeboard-*": "the API server's own addresses and cluster-wide Events",
    "CKV_K8S_38 Deployment.kube-system.metrics-server": "it reads nodes and pods by its own account",
    "CKV_K8S_40 Deployment.kube-system.metrics-server": "upstream's user",
    "CKV_K8S_10 Job.load.blast-*": "the containers share the pod's own request, which is what the experiment shows",
    "CKV_K8S_11 Job.load.blast-*": "the containers share the pod's own limit, which is what the experiment shows",
    "CKV_K8S_12 Job.load.blast-*": "the containers share the pod's own request, which is what the experiment shows",
    "CKV_K8S_13 Job.load.blast-*": "the containers share the pod's own limit, which is what the experiment shows",
}
"""`check resource` with * for any → reason."""


def sorted_out(found: Iterable[str], kept: Mapping[str, str]) -> list[str]:
    """What of `found` no entry of `kept` covers, and which entries cover nothing."""
    seen = list(found)
    patterns = {entry: re.compile(re.escape(entry).replace(r"\*", ".*") + r"(\s|\Z)") for entry in kept}
    wrong = [each for each in seen if not any(pattern.match(each) for pattern in patterns.values())]
    idle = [entry for entry, pattern in patterns.items() if not any(pattern.match(each) for each in seen)]
    return wrong + [f"{entry} is kept in kept.py, and is not found any more" for entry in idle]
