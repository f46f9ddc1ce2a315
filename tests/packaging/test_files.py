"""What ships says the same everywhere: one version, one list of libraries, an account that is not root."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from ecluse.cli.serve import DRAIN_SECONDS
from ecluse.edge.http.patience import LAST_CALL
from tests.packaging.conftest import ROOT

PACKAGING = ROOT / "packaging"
ANALYZE = shutil.which("systemd-analyze")


def project() -> Any:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def locked(lock: str) -> set[str]:
    return set(
        re.findall(r"^([a-z0-9._-]+)==", (ROOT / "requirements" / lock).read_text(encoding="utf-8"), re.MULTILINE)
    )


def test_the_chart_is_of_the_version_that_it_runs() -> None:
    chart = (PACKAGING / "helm/ecluse/Chart.yaml").read_text(encoding="utf-8")
    assert f'appVersion: "{project()["version"]}"' in chart


def test_the_image_has_every_library_that_the_gateway_needs() -> None:
    needed = {re.split(r"[<>=; \[]", one, maxsplit=1)[0] for one in project()["dependencies"]}
    assert needed - locked("image.lock") == set()
    assert {"asyncpg", "valkey", "kreuzberg"} <= locked("image.lock")


def test_the_image_runs_under_an_account_that_is_not_root() -> None:
    users = re.findall(r"^USER (\S+)$", (PACKAGING / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)
    assert users == ["10001:10001"]


def test_both_stages_of_the_image_stand_on_the_one_base_that_its_builder_names() -> None:
    image = (PACKAGING / "Dockerfile").read_text(encoding="utf-8")
    assert re.findall(r"^FROM (\S+)", image, re.MULTILINE) == ["${BASE}", "${BASE}"]
    assert image.index("ARG BASE=") < image.index("FROM ")


def test_a_pod_is_given_longer_than_it_waits_to_be_left_and_drains() -> None:
    values = (PACKAGING / "helm/ecluse/values.yaml").read_text(encoding="utf-8")
    pause, grace = (
        int(re.findall(rf"^{name}: (\d+)$", values, re.MULTILINE)[0])
        for name in ("preStopSeconds", "terminationGracePeriodSeconds")
    )
    assert 0 < pause < grace - DRAIN_SECONDS - LAST_CALL
    chart = (PACKAGING / "helm/ecluse/templates/gateway.yaml").read_text(encoding="utf-8")
    assert 'preStop: {exec: {command: ["sleep", "{{ .Values.preStopSeconds }}"]}}' in chart


def test_the_unit_waits_longer_than_the_gateway_drains() -> None:
    serve = (ROOT / "src/ecluse/cli/serve.py").read_text(encoding="utf-8")
    drain = int(re.findall(r"^DRAIN_SECONDS = (\d+)$", serve, re.MULTILINE)[0])
    unit = (PACKAGING / "systemd/ecluse.service").read_text(encoding="utf-8")
    assert int(re.findall(r"^TimeoutStopSec=(\d+)$", unit, re.MULTILINE)[0]) > drain
    assert "DynamicUser=yes" in unit


@pytest.mark.skipif(ANALYZE is None, reason="NO SYSTEMD-ANALYZE HERE: apt-get install systemd")
def test_systemd_takes_the_unit_and_finds_little_exposed(tmp_path: Path) -> None:
    unit = tmp_path / "ecluse.service"
    written = (PACKAGING / "systemd/ecluse.service").read_text(encoding="utf-8")
    unit.write_text(written.replace("/opt/ecluse/bin/ecluse", sys.executable), encoding="utf-8")

    def analyze(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(ANALYZE), *words, str(unit)], capture_output=True, text=True, timeout=60, check=False
        )

    verified = analyze("verify", "--man=no")
    assert (verified.returncode, verified.stderr) == (0, "")
    judged = analyze("security", "--offline=true", "--threshold=20")
    assert judged.returncode == 0, judged.stdout
    unit.write_text(written.replace("ProtectSystem=strict", "ProtectSystem=strikt"), encoding="utf-8")
    assert "strikt" in analyze("verify", "--man=no").stderr
