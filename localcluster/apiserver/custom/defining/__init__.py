"""CustomResourceDefinitions themselves: their defaults, whether they may be stored, what is said of them."""
