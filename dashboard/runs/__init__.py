"""The record of a run: samples, flags, explanations, reaction times. Must not touch the cluster."""
