"""Everything that speaks to the Kubernetes API; the only importer of `kubernetes`. It knows nothing of the store."""
