"""Deploying bundles: read, plan, apply in stages, wait until healthy, tear down. Must not know HTTP or the browser."""
