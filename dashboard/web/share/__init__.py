"""Share links: made, listed and revoked by whoever may apply; opened by whoever was given one."""
