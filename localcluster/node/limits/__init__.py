"""How CPU and memory limits are enforced and measured: cgroups v2, cgroups v1, or stop and continue."""
