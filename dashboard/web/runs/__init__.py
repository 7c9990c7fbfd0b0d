"""The pages about runs. Must not record anything."""
