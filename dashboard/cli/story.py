"""`surgeboard story`: tells what happened, out of the file that the dashboard keeps. Asks no cluster."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from dashboard.cli.archive import Work, told
from dashboard.cli.options import Misused
from dashboard.cli.session import Ended
from dashboard.cli.terminal import Style
from dashboard.errors import Refused
from dashboard.store.times import iso
from dashboard.story import asking
from dashboard.story.archive import FILE_NAME, StoryArchive
from dashboard.story.asking import Asked
from dashboard.story.grouping import Group, grouped

MOST_OF_JSON = 100_000
STYLES: Mapping[str, Style] = {
    "warning": "red", "oom": "red", "restart": "red", "failover": "red", "experiment": "red", "scaled": "green",
}  # fmt: skip

Row = Mapping[str, Any]


def work(given: Work) -> Ended:
    """The whole command."""
    asked, most = _asked(given), given.arguments.limit
    archive = StoryArchive(given.settings.data_dir / FILE_NAME)
    try:
        if not archive.path.is_file():  # asking it would make its file
            raise Refused(f"No story is kept in {given.settings.data_dir}; a dashboard that runs keeps it.", status=404)
        clusters = archive.clusters()
        if not clusters:
            raise Refused(f"The story in {given.settings.data_dir} is of no cluster yet.", status=404)
        cluster = clusters[0]
        page = archive.page(str(cluster["id"]), asked, most=min(most, MOST_OF_JSON))
    finally:
        archive.close()
    if not given.arguments.json:
        given.terminal.say(f"surgeboard: the cluster at {cluster['server']}, seen last {cluster['seen_at']}.", "dim")
        for line, style in lines_of(page.lines):
            given.terminal.tell(line, style)
        if page.total > len(page.lines):
            given.terminal.say(f"surgeboard: {page.total - len(page.lines)} older lines fit too; see --limit.", "dim")
        if not page.total:
            given.terminal.say("surgeboard: no line fits.", "dim")
    about = {"cluster": cluster["id"], "server": cluster["server"], "asked": asked.document(), "total": page.total}
    return told({**about, "entries": page.lines})


def lines_of(rows: list[dict[str, Any]]) -> Iterator[tuple[str, Style | None]]:
    """Oldest first, as a terminal is read; what says the same is one line."""
    for group in reversed(grouped(rows)):
        row = group.newest
        yield f"{str(row['t'])[:19]}Z  {row['kind']:<10}  {row['text']}{_more(group)}", _style(row)


def _more(group: Group) -> str:
    if len(group.rows) > 1 and not group.are_equal:
        return f" (× {group.count}, on pods of {group.workload})"
    return f" (× {group.count} since {group.first[:19]}Z)" if group.count > 1 else ""


def _style(row: Row) -> Style | None:
    return "dim" if row["quiet"] else STYLES.get(row["kind"])


def _asked(given: Work) -> Asked:
    arguments = given.arguments
    since = arguments.since or ""
    span = asking.span(since)
    if span is not None:
        since = iso((datetime.now(UTC) - span).timestamp())
    fields = {"kind": arguments.kind, "namespace": arguments.namespace, "object": arguments.object,
              "text": arguments.text, "from": since, "routine": "on" if arguments.routine else ""}  # fmt: skip
    try:
        return asking.asked({name: value for name, value in fields.items() if value})
    except Refused as refused:
        if since:
            raise Misused(f"--since takes a span such as 30m, 2h or 7d, or a time. {refused.sentence}") from refused
        raise Misused(refused.sentence) from refused
