"""The node agent: kubelet, container runtime, kube-proxy and cluster DNS, played with processes of this machine.

It talks to the API only through `localcluster.client.Client`, like any other actor.
"""
