"""The dashboard asks only for what `/metrics` has, from a datasource that is chosen and not written in."""

import json
import re
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from ecluse.edge.meters import Meters

DASHBOARD = json.loads(Path("packaging/grafana/ecluse.json").read_text(encoding="utf-8"))
SUFFIX = re.compile(r"_(total|bucket|sum|count)$")


def test_each_question_is_of_a_meter_with_labels_that_it_has() -> None:
    meters = Meters()
    labels = {one._name: set(one._labelnames) for one in meters._registry._names_to_collectors.values()}  # type: ignore[attr-defined] # prometheus_client lists labels nowhere else
    known = {family.name for family in text_string_to_metric_families(meters.text().decode())}
    asked = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]
    assert len(asked) > len(DASHBOARD["panels"])
    for expression in asked:
        for name, selector in re.findall(r"(ecluse_\w+)\{([^}]*)\}", expression):
            meter = SUFFIX.sub("", name)
            assert meter in known
            wanted = set(re.findall(r"(\w+)[=!]", selector)) | set(re.findall(r"by \(([^)]*)\)", expression)[0:1])
            names = {word.strip() for part in wanted for word in part.split(",")} - {"instance", "le"}
            assert names <= labels[meter]


def test_the_datasource_is_a_variable_everywhere() -> None:
    assert DASHBOARD["templating"]["list"][0]["type"] == "datasource"
    assert {part["datasource"]["uid"] for panel in DASHBOARD["panels"] for part in (panel, *panel["targets"])} == {
        "${datasource}"
    }
    assert all(panel["description"] for panel in DASHBOARD["panels"])
