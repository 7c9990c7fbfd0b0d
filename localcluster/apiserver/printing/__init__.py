"""What `kubectl get` shows: Tables, their columns and cells. Pure."""
