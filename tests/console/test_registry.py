"""The registry's pictures: who holds whom and the path that exposes, drawn in the page, and told line by line."""

import html
import re

import pytest

from ecluse.domain.party import EntityId
from ecluse.edge.exposing import exposed_entity, graph_of
from ecluse.prove.drawing import drawn
from tests.console.running import Console

SUPPOSED = "/registry?if=microsoft%20converts%2015%20MEUR%20in%20mistral_ai%20at%2020%20GEUR%20post-money"


def pictures(page: str) -> list[str]:
    return [html.unescape(one) for one in re.findall(r'<figure class="graph">.*?</figure>', page, re.DOTALL)]


@pytest.mark.parametrize("path", ["/registry/mistral/eu/mistral-large-3", "/registry/mistral_ai"])
@pytest.mark.parametrize("language", ["fr", "en"])
def test_who_holds_whom_is_drawn_and_every_line_of_it_is_told(console: Console, path: str, language: str) -> None:
    (picture,) = pictures(console.get(f"{path}?lang={language}"))
    assert picture.count('class="held exposes"') == 3
    assert "style=" not in picture
    registry = console.over.base.registry
    exposure = exposed_entity(registry, EntityId("mistral_ai"), console.over.today).exposure
    assert exposure is not None
    for words, _ in drawn(exposure, graph_of(registry), language):
        assert words in picture


def test_every_entity_has_a_page_that_its_destinations_lead_to(console: Console) -> None:
    assert 'href="/registry/microsoft"' in console.get("/registry/azure/global/mistral-large-3?lang=en")
    page = console.get("/registry?lang=en")
    for entity in console.over.base.registry.entities:
        assert f'href="/registry/{entity}"' in page
    told = console.get("/registry/microsoft?lang=en")
    assert 'href="/registry/azure/global/mistral-large-3"' in told
    assert "Seat: US" in told


def test_where_nobody_stands_between_nothing_is_drawn(console: Console) -> None:
    assert pictures(console.get("/registry/self_hosted/own_premises/smollm2-135m")) == []


def test_a_supposition_is_drawn_before_and_after(console: Console) -> None:
    before, after = pictures(console.get(f"{SUPPOSED}&lang=en"))
    assert "convertible 0 to 1 %" in before
    assert "convertible" not in after
    assert "Microsoft Corporation holds 0.075 % of Mistral AI SAS" in after
