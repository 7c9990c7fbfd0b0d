"""Has every cluster of a run write down what it is asked, and judges it at the run's end, once for all processes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from localcluster.settings import LOG_REQUESTS
from tests.recording.verdict import Verdict, judged

BUNDLE = Path(__file__).parents[2] / "manifests" / "dashboard"
ACCOUNTS = ("surgeboard", "surgeboard-viewer", "surgeboard-operator")
KUBECTL = Path(sys.executable).with_name("kubectl")
CLUSTER = "cluster"
CHOOSING = ("keyword", "lf", "deselect", "ignore", "ignore_glob", "maxfail", "stepwise", "collectonly")
"""Options with which some of the tests do not run."""


class SuiteRecord:
    """One in each process of a run; the one that starts the others, or is alone, gives the verdict."""

    def __init__(self, config: pytest.Config) -> None:
        os.environ[LOG_REQUESTS] = "1"
        self.config = config
        self.verdict = Verdict()
        self._skipped = False

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A machine without Chromium, recordings or kubectl leaves out some of what people do."""
        self._skipped = self._skipped or (report.skipped and not {"browser", CLUSTER}.isdisjoint(report.keywords))

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        if hasattr(self.config, "workerinput"):
            return
        self.verdict = self._judge(is_whole=exitstatus == pytest.ExitCode.OK and self.is_whole())
        if not self.verdict.is_good and exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if not self.verdict.is_good:
            terminalreporter.section("rights", red=True, bold=True)
            for line in self.verdict.lines():
                terminalreporter.write_line(line)

    def is_whole(self) -> bool:
        """Whether no test with a cluster was left out: `pytest` or `pytest -m cluster`, and nothing else chosen."""
        option = self.config.option
        chosen = any(getattr(option, each, None) for each in CHOOSING)
        from_settings = self.config.args_source is pytest.Config.ArgsSource.TESTPATHS
        return from_settings and not chosen and option.markexpr in ("", CLUSTER) and not self._skipped

    def _judge(self, *, is_whole: bool) -> Verdict:
        from tests.in_cluster.rights import grants_of
        from tests.recording.declared import DECLARED
        from tests.recording.requests import asked, logs_below, ungranted

        logs = logs_below(_base_of(self.config))
        if not logs or not KUBECTL.exists():
            return Verdict()
        bundle = _rendered()
        grants = {grant for account in ACCOUNTS for grant in grants_of(bundle, account)}
        return judged(ungranted(asked(logs), grants), DECLARED, is_whole=is_whole)


def _base_of(config: pytest.Config) -> Path:
    """The folder that holds the temporary folders of every process of this run."""
    factory = config._tmp_path_factory  # type: ignore[attr-defined]
    base: Path = factory.getbasetemp()
    return base


def _rendered() -> list[dict[str, Any]]:
    import yaml

    done = subprocess.run([str(KUBECTL), "kustomize", str(BUNDLE)], capture_output=True, text=True, check=True)
    return list(yaml.safe_load_all(done.stdout))
