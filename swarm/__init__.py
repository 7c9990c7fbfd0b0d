"""What runs in the swarm pods: a master and workers on Locust's library. Locust's own web interface never runs.

`locust` may be imported by `master`, `fleet`, `worker` and `scenario` only: importing it monkey-patches the process.
"""
