"""What the pinned resolver says by itself is what the system's own would say of the same addresses."""

from __future__ import annotations

import json
import subprocess
import sys

PROGRAM = """
import json
import locust  # noqa: patches the process, as in a worker
import gevent, socket
from swarm import pinning

here, there = "127.0.0.1", "::1"
families, kinds = (0, socket.AF_INET, socket.AF_INET6), ((socket.SOCK_STREAM, 0), (socket.SOCK_STREAM, 6))
asked = [(family, *kind) for family in families for kind in kinds]
resolver = gevent.get_hub().resolver

def told(resolver, host, family, kind, protocol):
    try:
        return [list(map(str, each)) for each in resolver.getaddrinfo(host, 8080, family, kind, protocol)]
    except socket.gaierror:
        return []

expected = [sum((told(resolver, host, *each) for host in (here, there)), []) for each in asked]
pinning.install(pinning.pin_of("http://guestbook.flask.svc:8080", f"{here},{there}"))
found = [told(gevent.get_hub().resolver, "guestbook.flask.svc", *each) for each in asked]
print(json.dumps([expected, found]))
"""


def test_it_answers_as_the_system_does() -> None:
    ended = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True, timeout=60)

    expected, found = json.loads(ended.stdout)
    assert found == expected
    assert [len(each) for each in found] == [2, 2, 1, 1, 1, 1]
