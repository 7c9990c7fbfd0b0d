"""The control panel: it deploys a stack, puts it under load and shows what Kubernetes does about it."""
