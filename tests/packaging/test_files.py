"""What ships says the same everywhere: one version, one list of libraries, an account that is not root."""

import re
import tomllib
from typing import Any

from tests.packaging.conftest import ROOT

PACKAGING = ROOT / "packaging"


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


def test_the_unit_waits_longer_than_the_gateway_drains() -> None:
    serve = (ROOT / "src/ecluse/cli/serve.py").read_text(encoding="utf-8")
    drain = int(re.findall(r"^DRAIN_SECONDS = (\d+)$", serve, re.MULTILINE)[0])
    unit = (PACKAGING / "systemd/ecluse.service").read_text(encoding="utf-8")
    assert int(re.findall(r"^TimeoutStopSec=(\d+)$", unit, re.MULTILINE)[0]) > drain
    assert "DynamicUser=yes" in unit
