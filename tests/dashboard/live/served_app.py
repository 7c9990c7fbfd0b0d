"""A dashboard without a cluster, served by gunicorn in the tests beside this file; levers as routes."""

from gevent import monkey

monkey.patch_all()

import os  # noqa: E402
import resource  # noqa: E402
import time  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Any  # noqa: E402

from flask import Flask, request  # noqa: E402

from dashboard.live.sockets import Sockets  # noqa: E402
from dashboard.store.views import Views  # noqa: E402

ORIGIN = "http://dashboard.test"
app = Flask(__name__)
views = Views(epoch="test")
signed_in = {"good"}
places = int(os.environ.get("PLACES", "4"))


def authorize(environ: dict[str, Any]) -> str | None:
    """`good`, or `good-1`, `good-2` …: each is somebody else."""
    cookie = str(environ.get("HTTP_COOKIE"))
    return cookie if cookie.partition("-")[0] in signed_in else None


sockets = Sockets(
    app,
    views,
    origins=[ORIGIN],
    authorize=authorize,
    viewers_max=places,
    per_address=max(50, places),
    audience_of=lambda _person, _wish: "full",
    ping=5,
    recheck=1.0,
)
sockets.start()


@app.post("/put")
def put() -> str:
    rows, size, first = (int(request.args[name]) for name in ("rows", "size", "first"))
    for number in range(first, first + rows):
        views.put(
            "pods", str(number % 50), {"number": number, "at": time.time(), "filling": f"{number:05}" * (size // 5)}
        )
    return "put"


@app.post("/sign-out")
def sign_out() -> str:
    signed_in.clear()
    return "signed out"


@app.post("/begin-anew")
def begin_anew() -> str:
    signed_in.add("good")
    views.replace("pods", {})
    return "begun"


@app.get("/about")
def about() -> dict[str, int]:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return {"browsers": sockets.hub.count, "resident": pages * resource.getpagesize()}
