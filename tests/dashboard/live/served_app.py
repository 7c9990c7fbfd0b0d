"""A dashboard without a cluster, served by gunicorn in the tests beside this file; levers as routes."""

from gevent import monkey

monkey.patch_all()

import resource  # noqa: E402
from pathlib import Path  # noqa: E402

from flask import Flask, request  # noqa: E402

from dashboard.live.sockets import Sockets  # noqa: E402
from dashboard.store.views import Views  # noqa: E402

ORIGIN = "http://dashboard.test"
app = Flask(__name__)
views = Views(epoch="test")
signed_in = {"good"}
sockets = Sockets(
    app,
    views,
    origins=[ORIGIN],
    authorize=lambda environ: environ.get("HTTP_COOKIE") if environ.get("HTTP_COOKIE") in signed_in else None,
    viewers_max=4,
    audience_of=lambda _person, _wish: "full",
    ping=5,
    recheck=1.0,
)
sockets.start()


@app.post("/put")
def put() -> str:
    rows, size, first = (int(request.args[name]) for name in ("rows", "size", "first"))
    for number in range(first, first + rows):
        views.put("pods", str(number % 50), {"number": number, "filling": f"{number:05}" * (size // 5)})
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
