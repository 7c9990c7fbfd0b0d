"""All state a browser sees, in memory: no I/O, no threads of its own. It knows nothing of the Kubernetes API."""
