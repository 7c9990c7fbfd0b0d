"""Samples of load, CPU and replicas on one time axis, and why the HPA did what it did. Reads only."""
