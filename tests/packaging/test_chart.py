"""The Helm chart, offline: it lints, renders valid resources, runs nothing as root, and refuses what cannot work."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.packaging.conftest import ROOT

pytestmark = pytest.mark.long

CHART = ROOT / "packaging" / "helm" / "ecluse"
RENDER = """
import json, sys, yaml, helm_python as helm
with helm.Chart.load(sys.argv[1]) as chart:
    try:
        rendered = chart.render(json.loads(sys.argv[2]), name="demo", namespace="prod")
    except helm.HelmError as error:
        print(json.dumps({"refused": str(error)}))
    else:
        found = [d for n, t in rendered.items() if n.endswith(".yaml") for d in yaml.safe_load_all(t) if d]
        print(json.dumps({"resources": found}))
"""
LINT = "import json, sys, helm_python as helm; print(json.dumps(helm.lint(sys.argv[1])))"
CLUSTER = {
    "replicas": 3,
    "config": '[store]\nurl = "env:ECLUSE_STORE"\n',
    "secretEnv": [{"name": "ECLUSE_STORE", "secret": "ecluse", "key": "store"}],
    "caBundle": {"configMap": "corporate", "key": "root.pem"},
    "egress": [{"to": [{"ipBlock": {"cidr": "203.0.113.0/24"}}], "ports": [{"protocol": "TCP", "port": 443}]}],
}


def rendered(tools: Path, values: dict[str, Any]) -> Any:
    done = subprocess.run(
        [tools / "python", "-c", RENDER, CHART, json.dumps(values)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return json.loads(done.stdout)


def only(document: Any, kind: str) -> Any:
    return next(one for one in document["resources"] if one["kind"] == kind)


def test_the_chart_lints(tools: Path) -> None:
    done = subprocess.run([tools / "python", "-c", LINT, CHART], capture_output=True, text=True, check=True, timeout=60)
    assert json.loads(done.stdout)["errors"] == []


@pytest.mark.parametrize("values", [{}, CLUSTER], ids=["one", "several"])
def test_each_resource_is_what_kubernetes_expects(tools: Path, tmp_path: Path, values: dict[str, Any]) -> None:
    file = tmp_path / "resources.json"
    for resource in rendered(tools, values)["resources"]:
        file.write_text(json.dumps(resource), encoding="utf-8")
        done = subprocess.run(
            [tools / "kubernetes-validate", "--strict", file], capture_output=True, text=True, check=False, timeout=60
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_a_resource_that_kubernetes_does_not_know_would_be_seen(tools: Path, tmp_path: Path) -> None:
    resource = only(rendered(tools, {}), "StatefulSet")
    resource["spec"]["replikas"] = 1
    file = tmp_path / "wrong.json"
    file.write_text(json.dumps(resource), encoding="utf-8")
    done = subprocess.run(
        [tools / "kubernetes-validate", "--strict", file], capture_output=True, check=False, timeout=60
    )
    assert done.returncode != 0


def test_nothing_runs_as_root_or_writes_outside_its_volumes(tools: Path) -> None:
    pod = only(rendered(tools, {}), "StatefulSet")["spec"]["template"]["spec"]
    container = pod["containers"][0]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["automountServiceAccountToken"] is False
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }


def test_without_a_word_nothing_leaves_but_names_asked_of_dns(tools: Path) -> None:
    egress = only(rendered(tools, {}), "NetworkPolicy")["spec"]["egress"]
    assert egress == [{"ports": [{"protocol": "UDP", "port": 53}, {"protocol": "TCP", "port": 53}]}]


def test_several_replicas_without_a_shared_store_are_refused_with_what_to_do(tools: Path) -> None:
    assert "several replicas need one store" in rendered(tools, {"replicas": 3})["refused"]


@pytest.mark.parametrize(
    "values", [{"replicas": 0}, {"imagee": {}}, {"image": {"repository": "e", "digest": "latest"}}]
)
def test_values_outside_the_schema_are_refused(tools: Path, values: dict[str, Any]) -> None:
    assert "refused" in rendered(tools, values)


def test_the_image_is_built_as_the_linter_wants(tools: Path) -> None:
    done = subprocess.run(
        [tools / "hadolint", ROOT / "packaging" / "Dockerfile"], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stdout
