"""The program behind the metrics-server image: scrapes the nodes, serves metrics.k8s.io.

It runs as a pod like any other and knows the cluster only through the API and the node's HTTPS endpoint.
"""
