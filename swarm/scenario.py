"""What one load user does with the guestbook: mostly reading, now and then writing, some CPU work.

A user acts about 1.2 times a second, so 60 users make 60 to 90 requests a second while the app keeps up.
"""

from __future__ import annotations

import random

from locust import FastHttpUser, between, task

WORK_MS = 20
"""CPU a /work request burns. Two of ten actions do, so 60 users ask for about 300 milli-cores on top of the pages."""
REQUEST_TIMEOUT_S = 10.0
NAMES = ("Ada", "Grace", "Linus", "Margaret", "Edsger", "Barbara")


class GuestbookUser(FastHttpUser):
    """A visitor. Redirects are not followed: what is loaded is the target and nothing it points to."""

    wait_time = between(0.4, 1.2)
    network_timeout = REQUEST_TIMEOUT_S
    connection_timeout = REQUEST_TIMEOUT_S
    max_redirects = 0
    max_retries = 0

    @task(4)
    def read_page(self) -> None:
        """The page as a person sees it, and the end of a visit: the next one comes by a connection of its own.

        A kept connection stays with the pod it was made to. Without this, pods that are added under load would stand
        idle beside the overloaded one, on any cluster.
        """
        self.client.get("/", headers={"Connection": "close"}, allow_redirects=False)

    @task(3)
    def read_entries(self) -> None:
        """What the page's script asks for."""
        self.client.get("/api/entries", allow_redirects=False)

    @task(1)
    def write_entry(self) -> None:
        """An entry of one's own."""
        entry = {"name": random.choice(NAMES), "message": f"was here, number {random.randrange(10**6)}"}  # noqa: S311
        self.client.post("/entries", json=entry, allow_redirects=False)

    @task(2)
    def work(self) -> None:
        """Something that costs CPU, which is what the autoscaler looks at."""
        self.client.get(f"/work?ms={WORK_MS}", name="/work", allow_redirects=False)
