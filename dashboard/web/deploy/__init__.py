"""The Deploy page: what is deployed and how it is, what an apply would do, what became of it since. Routes, words."""
