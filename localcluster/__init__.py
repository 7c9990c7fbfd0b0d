"""A stand-in for Kubernetes on a machine that has none: API server, controllers, node agent, real processes.

It is a program of its own and imports nothing of the dashboard, the sample app or the swarm.
"""
