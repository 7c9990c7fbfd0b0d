"""What an apply would do, and what a cluster has become since: dry runs, diffs, drift. Writes nothing."""
