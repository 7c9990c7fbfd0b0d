"""The pages, one blueprint each, and the JSON beside them. Routes only: what happens is behind `actions`."""
