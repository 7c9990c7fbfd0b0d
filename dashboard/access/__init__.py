"""Who may come in, from where, and to what: sign-in, sessions, origins, the table of capabilities."""
