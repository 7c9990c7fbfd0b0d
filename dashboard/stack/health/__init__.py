"""Whether what was applied is well, and why not."""
