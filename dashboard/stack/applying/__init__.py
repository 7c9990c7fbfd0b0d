"""Changing the cluster: stages, one writer, recorded revisions, teardown."""
