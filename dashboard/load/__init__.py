"""Swarms: load tests as workloads of the cluster, started, asked, stopped. Must not import Locust."""
