"""The Data page: the replica set, its names and volumes, and killing the primary."""
