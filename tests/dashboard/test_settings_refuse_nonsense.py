"""Settings: read once, refused with a sentence that names the variable."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashboard.settings import Settings, WrongSetting


def test_the_environment_sets_and_the_command_line_overrides(tmp_path: Path) -> None:
    environ = {"SURGEBOARD_PORT": "9000", "SURGEBOARD_DATA_DIR": str(tmp_path), "HOME": "/nowhere"}

    settings = Settings.from_environment(environ, port=9001, context=None)

    assert (settings.port, settings.data_dir, settings.context) == (9001, tmp_path, None)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "http"),
        ("PORT", "0"),
        ("PORT", "70000"),
        ("HOST", "0.0.0.0"),
        ("HOST", "example.test"),
        ("VIEWERS_MAX", "0"),
        ("RUNS_MAX_COUNT", "0"),
        ("RUNS_MAX_COUNT", "all"),
        ("RUNS_MAX_DAYS", "4000"),
        ("LOG_LEVEL", "LOUD"),
        ("LOG_FORMAT", "yaml"),
        ("KUBECONFIG", "/nowhere/kubeconfig"),
        ("BUNDLES_DIR", "/nowhere/bundles"),
        ("STACKS_DIR", "/nowhere/stacks"),
        ("STACKS_CLUSTER_SCOPED", "yes"),
        ("RECORDS_NAMESPACE", "Surgeboard"),
        ("RECORDS_NAMESPACE", "../x"),
        ("NAMESPACES", "flask,Payroll"),
        ("NAMESPACES", "payroll"),
        ("PROT", "8080"),
    ],
)
def test_wrong_values_are_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(WrongSetting, match=f"SURGEBOARD_{name}"):
        Settings.from_environment({f"SURGEBOARD_{name}": value})
