"""Kubernetes' Protocol Buffers, as far as kubectl speaks nothing else. Pure."""
