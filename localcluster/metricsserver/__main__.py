"""`python -m localcluster.metricsserver`: reads the flags, wires the parts, serves until told to stop."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import time

import aiohttp
from aiohttp import web

from localcluster.metricsserver.certificate import server_tls
from localcluster.metricsserver.cluster import Cluster
from localcluster.metricsserver.scraper import Scraper
from localcluster.metricsserver.server import MetricsApi
from localcluster.metricsserver.settings import Settings, SettingsError, read_settings
from localcluster.metricsserver.storage import Storage

log = logging.getLogger("metrics-server")


class SystemClock:
    """The machine's time."""

    def time(self) -> float:
        return time.time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


async def serve(settings: Settings) -> None:
    """Scrapes and answers until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with aiohttp.ClientSession() as session:
        cluster, storage = Cluster(settings, session), Storage(resolution=settings.resolution)
        scraper = Scraper(cluster, storage, resolution=settings.resolution, clock=SystemClock())
        api = MetricsApi(cluster, storage, scraper, now=time.time)
        runner = web.AppRunner(api.application(), access_log=None)
        await runner.setup()
        tls = server_tls(settings.cert_dir, address=settings.bind_address)
        await web.TCPSite(runner, settings.bind_address, settings.secure_port, ssl_context=tls).start()
        log.info("serving on https://%s:%d", settings.bind_address, settings.secure_port)
        scraping = asyncio.create_task(scraper.run())
        await stop.wait()
        scraping.cancel()
        await runner.cleanup()


def main() -> int:
    """Exit code 0 after a clean stop, 2 for settings that cannot be used, 1 when serving failed."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    try:
        settings = read_settings(sys.argv[1:], os.environ)
    except SettingsError as error:
        print(f"metrics-server: {error}", file=sys.stderr)
        return 2
    try:
        asyncio.run(serve(settings))
    except OSError as error:
        print(f"metrics-server: cannot serve on port {settings.secure_port}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
