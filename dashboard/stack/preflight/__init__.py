"""What bundles need of the cluster besides their own objects, looked at before anything is written. Only asks."""
