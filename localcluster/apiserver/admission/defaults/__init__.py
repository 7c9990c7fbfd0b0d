"""Default values, a module for each family of kinds. Every function changes its object in place."""
