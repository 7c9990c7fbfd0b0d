"""A Flask application that takes no route that writes, whoever registers it."""

from __future__ import annotations

from typing import Any

from flask import Flask

from dashboard.access.origins import SAFE_METHODS

STILL_POSTED = frozenset({"sign_in.sign_in", "sign_in.sign_out"})
"""Endpoints that change nothing but who is signed in."""


class ReadOnly(Flask):
    """Drops every method that could change something, and every route that has no other."""

    def add_url_rule(
        self, rule: str, endpoint: str | None = None, view_func: Any = None,
        provide_automatic_options: bool | None = None, **options: Any,
    ) -> None:  # fmt: skip
        """As Flask's, with the safe methods only."""
        if endpoint not in STILL_POSTED:
            methods = options.get("methods") or getattr(view_func, "methods", None) or ("GET",)
            options["methods"] = [each for each in methods if each.upper() in SAFE_METHODS]
            if not options["methods"]:
                return
        super().add_url_rule(rule, endpoint, view_func, provide_automatic_options, **options)
