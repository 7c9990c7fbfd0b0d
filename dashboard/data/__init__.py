"""The data tier as its members tell it: who is primary, how far behind, under which names, on which volumes."""
