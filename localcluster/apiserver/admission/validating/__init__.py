"""Validation, a module for each family of kinds. Every function returns causes and changes nothing."""
