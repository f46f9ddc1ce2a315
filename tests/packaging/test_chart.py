"""The Helm chart, offline: it lints, renders valid resources, runs nothing as root, and refuses what cannot work."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ecluse.cli.main import app
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
    "sharedSecrets": {"secret": "ecluse-log", "key": "secrets"},
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


def test_a_pod_that_would_be_killed_while_it_drains_is_refused_and_one_that_waits_is_not(tools: Path) -> None:
    assert "21 seconds or more above" in rendered(tools, {"preStopSeconds": 10})["refused"]
    pod = only(rendered(tools, {"preStopSeconds": 9}), "StatefulSet")["spec"]["template"]["spec"]
    assert pod["containers"][0]["lifecycle"]["preStop"]["exec"]["command"] == ["sleep", "9"]


def test_several_replicas_without_shared_secrets_are_refused_with_what_to_do(tools: Path) -> None:
    refused = rendered(tools, {**CLUSTER, "sharedSecrets": {"secret": ""}})["refused"]
    assert "ecluse state new" in refused


def test_each_pod_takes_the_shared_secrets_before_it_serves_and_the_gateway_does_not_see_the_secret(
    tools: Path,
) -> None:
    pod = only(rendered(tools, CLUSTER), "StatefulSet")["spec"]["template"]["spec"]
    [first], [gateway] = pod["initContainers"], pod["containers"]
    assert first["image"] == gateway["image"]
    assert first["securityContext"] == gateway["securityContext"]
    [shared] = [one for one in pod["volumes"] if "secret" in one]
    assert shared["secret"] == {
        "secretName": "ecluse-log",
        "defaultMode": 0o440,
        "items": [{"key": "secrets", "path": "secrets"}],
    }
    mounts = {one["name"]: one["mountPath"] for one in first["volumeMounts"]}
    assert first["args"] == [
        "state", "adopt", "--secrets", f"{mounts['shared']}/secrets", "--state-dir", mounts["state"]
    ]  # fmt: skip
    assert "shared" not in {one["name"] for one in gateway["volumeMounts"]}


def test_the_command_of_the_init_container_is_one_of_ours(tools: Path, tmp_path: Path) -> None:
    pod = only(rendered(tools, CLUSTER), "StatefulSet")["spec"]["template"]["spec"]
    secret, state = tmp_path / "mounted", tmp_path / "state"
    words = [{"/run/ecluse/secrets": str(secret), "/var/lib/ecluse": str(state)}.get(word, word)
             for word in pod["initContainers"][0]["args"]]  # fmt: skip
    run = CliRunner()
    assert run.invoke(app, ["state", "new", "--out", str(secret)]).exit_code == 0
    secret.chmod(0o440)
    assert run.invoke(app, words).exit_code == 0
    assert (state / "secrets").read_bytes() == secret.read_bytes()
    assert run.invoke(app, words).exit_code == 0


@pytest.mark.parametrize(
    "values",
    [
        {"replicas": 0},
        {"imagee": {}},
        {"sharedSecrets": {"name": "x"}},
        {"image": {"repository": "e", "digest": "latest"}},
    ],
)
def test_values_outside_the_schema_are_refused(tools: Path, values: dict[str, Any]) -> None:
    assert "refused" in rendered(tools, values)


def test_the_image_is_built_as_the_linter_wants(tools: Path) -> None:
    done = subprocess.run(
        [tools / "hadolint", ROOT / "packaging" / "Dockerfile"], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stdout
