"""What the dashboard asks for in tests and no role of the bundle grants: only an administrator does it, and why.

Patterns of calls, as tests/in_cluster/rights.py words them: verb, resource.group, name, `in` namespace. One that no
test of the whole suite needs fails it too.
"""

from __future__ import annotations

_OURS = r"(surgeboard|surgeboard-records|mongodb|flask|load|kube-system|kube-public|kube-node-lease)"
_COUNTED = (
    r"configmaps|secrets|serviceaccounts|controllerrevisions\.apps|networkpolicies\.networking\.k8s\.io|"
    r"poddisruptionbudgets\.policy|roles\.rbac\.authorization\.k8s\.io|rolebindings\.rbac\.authorization\.k8s\.io"
)

DECLARED = {
    # What the bundle brings along, where somebody deploys without it.
    r"(create|patch) namespaces \S+ in (surgeboard-records|mongodb|flask|load)":
        "the namespaces of the stack come with the bundle: whoever may change them may lift their Pod Security",
    r"create namespaces": "that of the records comes with the bundle, too",
    # metrics-server is its administrator's.
    r"(create|patch) apiservices\.apiregistration\.k8s\.io v1beta1\.metrics\.k8s\.io":
        "metrics-server is one for the whole cluster: its administrator applies it",
    r"(create|patch) clusterroles\.rbac\.authorization\.k8s\.io system:(aggregated-metrics-reader|metrics-server)":
        "the same; who may write such roles may have every right",
    r"(create|patch) clusterrolebindings\.rbac\.authorization\.k8s\.io "
    r"(system:metrics-server|metrics-server:system:auth-delegator)": "the same",
    r"(create|patch) (deployments\.apps|rolebindings\.rbac\.authorization\.k8s\.io|serviceaccounts|services) "
    r"metrics-server\S* in kube-system": "the same; nobody else writes in kube-system",
    # Taking away what holds data, or looking at what would go with it.
    rf"list ({_COUNTED}) in mongodb":
        "a teardown counts what would go with a namespace that is ticked, which only an administrator may do",
    "list secrets in load":
        "what a blast left is swept up by a dashboard that works with its administrator's own rights",
    # Stacks of one's own: whoever deploys one has the rights for it from somebody else.
    rf"(get|list|create|patch|delete) [^/ ]+( \S+)? in (?!{_OURS}$)\S+":
        "a stack of one's own, in a namespace of its own, with the rights that its administrator has given",
    # Not the dashboard.
    r"get pods/proxy guestbook-\S+:8080 in flask":
        "benchmarks/bench_exact.py asks the app how much it has counted, past the Service",
}  # fmt: skip
