"""The Scaling page: rows → what its templates say. It must not explain anything itself; `dashboard.scaling` does."""
