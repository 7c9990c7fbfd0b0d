"""The Load page: the form with its drawn profile, what a swarm does while it runs, and what it came to."""
