"""What cannot be loaded: each error names the file, the fact, and what to write."""

from pathlib import Path

import pytest

from ecluse.domain.party import Confidence
from ecluse.packs.registry import PackError, confidence_counts, load
from tests.packs.registry.written import API, IAAS, PROVIDER, SOURCES, registry, write

SWISS = '[offers.scope]\nprocessing = "eu"\nstorage = "eu"\ncountries = ["CH"]\nsource = "read"\n'
BAD = {
    "no source": (
        API.replace('source = "read"\n\n[[dest', "\n[[dest"),
        "offers[0] (api): Object missing required field `source`",
        'write `source = "<id of a row of [[sources]]>"`',
    ),
    "an unknown source": (API.replace('"read"', '"hearsay"', 1), "offers (api): no source `hearsay`", "[[sources]]"),
    "a source that is near another": (API.replace('"read"', '"raed"', 1), "no source `raed`", "did you mean `read`?"),
    "an unknown field": (
        API.replace("base_url", "base_uri"),
        "destinations[0] (acme/api/m)",
        "did you mean `base_url`?",
    ),
    "a field that is near nothing": (API.replace("wire_model", "zzz"), "unknown field `zzz`", "remove `zzz`"),
    "an unknown word": (
        API.replace('"provider"\n', '"somebody"\n'),
        "destinations[0] (acme/api/m).operated_by",
        "managed",
    ),
    "a model that changes by itself": (
        API.replace('wire_model = "m"', 'wire_model = "mistral@latest"'),
        "destinations (acme/api/m).wire_model",
        "without a query",
    ),
    "a query for a model": (
        API.replace('wire_model = "m"', 'wire_model = "llama@biggest?input_cost<0.5"'),
        "destinations (acme/api/m).wire_model",
        "without a query",
    ),
    "a model that is a way elsewhere": (
        API.replace('wire_model = "m"', 'wire_model = "m/../../other"'),
        "destinations (acme/api/m).wire_model",
        "without a query",
    ),
    "an unknown offer": (API.replace('offer = "api"', 'offer = "ghost"'), "no offer `ghost`", "[[offers]]"),
    "an offer that is near another": (
        API.replace('offer = "api"', 'offer = "apy"'),
        "no offer `apy`; did you mean `api`? add",
        "[[offers]]",
    ),
    "a model that is near another": (
        API.replace('model = "m"\noffer', 'model = "mm"\noffer'),
        "no model `mm`; did you mean `m`? add",
        "[[models]]",
    ),
    "an unknown model": (API.replace('model = "m"\noffer', 'model = "g"\noffer'), "no model `g`", "[[models]]"),
    "another provider's id": (API.replace("acme/api/m", "other/api/m"), "destinations (other/api/m)", "`acme/<offer"),
    "no encryption": (API.replace("https://api", "http://api"), "base_url", 'write `base_url = "https://...'),
    "a closing slash": (API.replace("org/v1", "org/v1/"), "base_url", "without a closing slash"),
    "an address with a user": (API.replace("https://api", "https://me@api"), "base_url", "https://"),
    "a caller's own model with an address": (
        IAAS + API.replace('"provider"', '"caller"').replace("dialect", 'runs_on = "iaas"\ndialect'),
        "destinations (acme/api/m).base_url",
        "the settings say where",
    ),
    "a caller's own model on nothing": (
        API.replace('"provider"', '"caller"').replace('base_url = "https://api.example.org/v1"\n', ""),
        "destinations (acme/api/m).runs_on",
        "kind `iaas`",
    ),
    "a model that runs on an API": (API.replace("dialect", 'runs_on = "api"\ndialect'), "runs_on", "kind `iaas`"),
    "a provider on the caller's premises": (
        API.replace('"model_api"', '"own_premises"'),
        "operated_by",
        'operated_by = "caller"',
    ),
    "an unknown holder": (
        '[[stakes]]\nholder = "ghost"\nheld = "acme"\nkind = "equity"\nsource = "read"\n',
        "stakes (ghost->acme): no entity `ghost`",
        "[[entities]]",
    ),
    "a set of countries that the rules do not count so": (
        '[[perimeters]]\nid = "eea30"\nname = "EEA"\ncountries = ["FR", "CH"]\nused_by = "HDS"\nsource = "read"\n',
        "perimeters (eea30).countries: differs from what the rules count",
        "CH",
    ),
    "bounds the wrong way round": (
        '[[stakes]]\nholder = "acme"\nheld = "acme"\nkind = "equity"\nlow = 9.0\nhigh = 1.0\nsource = "read"\n',
        "stakes (acme->acme)",
        "swap them",
    ),
    "more than everything": (
        '[[stakes]]\nholder = "acme"\nheld = "acme"\nkind = "equity"\nhigh = 101.0\nsource = "read"\n',
        "stakes[0] (acme->acme).high",
        "<= 100",
    ),
    "a country that does not exist": (
        '[[entities]]\nid = "x"\nname = "X"\nseat = "UK"\nsource = "read"\n',
        "entities (x).seat: no country `UK`",
        "two letters",
    ),
    "a country in small letters": (
        '[[entities]]\nid = "x"\nname = "X"\nseat = "fr"\nsource = "read"\n',
        "entities[1] (x).seat",
        "[A-Z]",
    ),
    "a country outside its perimeter": (
        API.replace("\n[[destinations]]", f"\n{SWISS}\n[[destinations]]"),
        "offers (api).scope.countries",
        "CH is outside `eu`",
    ),
    "an option that is named twice": (
        API.replace(
            "\n[[destinations]]",
            '\n[offers.options]\nnot_taken = ["n"]\nnot_with_reasoning = ["n"]\nsource = "read"\n\n[[destinations]]',
        ),
        "offers (api).options",
        "each option once",
    ),
    "an option that is not taken beside nothing": (
        API.replace(
            "\n[[destinations]]", '\n[offers.options]\nnot_together = ["n"]\nsource = "read"\n\n[[destinations]]'
        ),
        "offers (api).options.not_together",
        "two options or more",
    ),
    "an attestation that ends before it begins": (
        IAAS.replace("2026-12-01", "2025-01-01"),
        "offers (iaas).attestations (secnumcloud)",
        "check the dates",
    ),
    "a fact surer than its source": (
        IAAS.replace('source = "read"\n\n[[offers.att', 'source = "rumour"\nconfidence = "high"\n\n[[offers.att'),
        "offers (iaas): the fact is high, its source low",
        "cannot be surer",
    ),
    "one destination twice": (API + API.split("\n\n", 1)[1], "destinations (acme/api/m)", "stands once"),
    "two facts that contradict": (
        API + API.split("\n\n", maxsplit=1)[0].replace('"API"', '"Other API"'),
        "offers (api): contradicts",
        "different ids",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_fact_refuses_to_load(case: str, tmp_path: Path) -> None:
    text, where, what = BAD[case]
    with pytest.raises(PackError) as raised:
        load(write(tmp_path, SOURCES, PROVIDER, text))
    assert str(raised.value).startswith("acme.toml:")
    assert where in str(raised.value)
    assert what in str(raised.value)


SOURCE = SOURCES.strip().split("\n\n", maxsplit=1)[0]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("as_of = 2026-01-01\n", "", "as_of = 2026-11-24"),
        ('url = "https://example.org/document"', 'url = "a colleague"', 'write `url = "https://..."`'),
        ('confidence = "high"', 'confidence = "certain"', "write one of: high, medium, low, unverified"),
        ('kind = "primary"', 'kind = "blog"', "write one of: primary, copy, secondary, general_knowledge"),
        ('kind = "primary"', "", "write `kind`"),
    ],
)
def test_a_source_without_date_or_address_refuses_to_load(old: str, new: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(PackError, match="read") as raised:
        load(write(tmp_path, SOURCE.replace(old, new), PROVIDER, API))
    assert says in str(raised.value)


def test_a_folder_without_facts_refuses_to_load(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="no file of facts"):
        load(tmp_path)


def test_what_is_no_toml_refuses_to_load(tmp_path: Path) -> None:
    with pytest.raises(PackError, match=r"acme\.toml: is not TOML: .*line 2"):
        load(write(tmp_path, "id = 1\nid 2\n"))
    (tmp_path / "acme.toml").write_bytes(b"\xff")
    with pytest.raises(PackError, match=r"acme\.toml: cannot be read"):
        load(tmp_path)


def test_an_offer_without_provider_refuses_to_load(tmp_path: Path) -> None:
    with pytest.raises(PackError, match=r"write \[provider\]"):
        load(write(tmp_path, SOURCES, API.split("\n\n", maxsplit=1)[0]))


def test_the_same_fact_in_two_files_is_one_and_a_different_one_refuses(tmp_path: Path) -> None:
    write(tmp_path, SOURCES, name="shared.toml")
    write(tmp_path, PROVIDER, API)
    write(tmp_path, PROVIDER.replace('id = "acme"\nname = "Acme"\n', 'id = "bis"\nname = "Bis"\n'), name="bis.toml")
    assert set(load(tmp_path).providers) == {"acme", "bis"}
    write(tmp_path, PROVIDER.replace("Acme SAS", "Acme SA"), name="bis.toml")
    with pytest.raises(PackError, match=r"bis\.toml:\d+: entities \(acme\): contradicts"):
        load(tmp_path)


def test_general_knowledge_is_unverified_whatever_it_claims(tmp_path: Path) -> None:
    known = registry(tmp_path, API.replace('"read"', '"memory"'))
    assert known.offers[next(iter(known.offers))].offer.source.confidence is Confidence.UNVERIFIED


def test_facts_are_counted_by_how_sure_they_are(tmp_path: Path) -> None:
    known = registry(tmp_path, API.replace('"read"', '"memory"'), IAAS.replace('"read"', '"rumour"'))
    assert confidence_counts(known) == {
        Confidence.HIGH: 3,
        Confidence.MEDIUM: 0,
        Confidence.LOW: 2,
        Confidence.UNVERIFIED: 2,
    }
