"""The admin API of a real gateway: who may do what, what is on the trail then, and what the document says."""

import json
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import httpx2
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode

from ecluse.domain.errors import CODES
from ecluse.domain.trail import Entry, EntryKind
from ecluse.edge.admin.door import LIMITS, WHAT_TO_DO
from ecluse.edge.admin.openapi import document
from ecluse.edge.admin.routes import ROUTES
from ecluse.edge.admin_tokens import AdminTokens
from ecluse.edge.clock import start_of
from ecluse.edge.keys import Secrets
from ecluse.edge.keys import state as where
from ecluse.edge.roles import MAY, Role
from ecluse.edge.stores.opening import open_reader
from ecluse.edge.stores.token_file import FileTokens
from ecluse.passage.record import parse
from tests.edge.gateway import AZURE, HOUSE_RULE, OWN, Gateway, free_port, gateway

NOW = start_of(date(2026, 11, 24))
LIMITED = """
[budgets]
unknown_price = "count_tokens"
[[organisations]]
id = "town"
name = "A town"
kind = "local_authority"
allowance = { euros_per_month = 5.0, requests_per_minute = 3 }
teams = [{ id = "desk", name = "Front desk" }]

[[organisations.applications]]
id = "desk-mail"
name = "Letters of the desk"
purposes = ["drafting"]
team = "desk"
each_key = { requests_per_minute = 2 }
"""
WANTED = {
    "application": "mail", "rule": "gdpr.transfer", "destinations": [AZURE], "ground": "a pilot of four weeks",
    "ends": "2026-12-20",
}  # fmt: skip


@dataclass
class Admin:
    """A gateway with its admin API, and a token for each person."""

    made: Gateway
    port: int
    http: httpx2.Client
    tokens: dict[tuple[str, str], str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def table(self) -> AdminTokens:
        return AdminTokens(FileTokens(where.admin(self.made.state)), Secrets.open(self.made.state))

    def token(self, role: str, name: str) -> str:
        if (role, name) not in self.tokens:
            self.tokens[role, name] = self.table.create(name, Role(role), NOW)[1].reveal()
        return self.tokens[role, name]

    def ask(
        self, method: str, path: str, role: str = "admin", name: str = "Anne", told: object = None
    ) -> httpx2.Response:
        headers = {"authorization": f"Bearer {self.token(role, name)}"}
        return self.http.request(method, f"{self.url}/admin/v1{path}", headers=headers, json=told)

    def calls(self, key: str) -> int:
        """Return what the gateway answers to a key."""
        headers = {"authorization": f"Bearer {key}"}
        return self.http.get(f"{self.made.url}/v1/models", headers=headers).status_code

    def entries(self, word: str) -> list[Entry]:
        """Return the entries of the trail about the gateway itself that have a word."""
        with closing(open_reader(self.made.state)) as trail:
            found = [data for _, data, _ in trail.rows(0, trail.size()) if word.encode() in data]
        return [entry for entry in map(parse, found) if entry.kind is EntryKind.ADMIN]


@pytest.fixture(scope="module")
def admin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Admin]:
    port = free_port()
    extra = f"[admin]\nport = {port}\n{LIMITED}"
    with (
        gateway(tmp_path_factory.mktemp("admin"), (OWN, AZURE), extra) as made,
        httpx2.Client(trust_env=False, timeout=120.0) as http,
    ):
        yield Admin(made, port, http)


def error(answer: httpx2.Response) -> tuple[int, str]:
    told = answer.json()["error"]
    assert set(told) == {"code", "message", "what_to_do"}
    assert all(told.values())
    assert CODES[told["code"]].status == answer.status_code
    return answer.status_code, told["code"]


def test_each_code_with_advice_is_a_code() -> None:
    assert set(WHAT_TO_DO) <= set(CODES)


# ------------------------------------------------------------------ who enters
@pytest.mark.parametrize("presented", [None, "", "Bearer", "Bearer x", "Basic YTpi", "Bearer ecl_admin_" + "0" * 49])
def test_what_is_no_token_is_refused_with_one_body(admin: Admin, presented: str | None) -> None:
    headers = {} if presented is None else {"authorization": presented}
    answer = admin.http.get(f"{admin.url}/admin/v1/keys", headers=headers)
    assert error(answer) == (401, "invalid_admin_token")
    assert answer.headers["www-authenticate"] == "Bearer"


def test_a_caller_s_key_opens_nothing_here_and_an_admin_token_nothing_there(admin: Admin) -> None:
    key = {"authorization": f"Bearer {admin.ask('POST', '/keys', told={'application': 'mail'}).json()['secret']}"}
    assert error(admin.http.get(f"{admin.url}/admin/v1/keys", headers=key)) == (401, "invalid_admin_token")
    token = {"authorization": f"Bearer {admin.token('admin', 'Anne')}"}
    assert admin.http.get(f"{admin.made.url}/v1/models", headers=token).status_code == 401
    assert admin.http.get(f"{admin.made.url}/admin/v1/keys", headers=token).status_code == 404


def test_a_revoked_token_refuses_from_the_next_call_on(admin: Admin) -> None:
    path = "/checkpoint"
    assert admin.ask("GET", path, "auditor", "Rose").status_code == 200
    [id_] = [one.id for one in admin.table.list() if one.name == "Rose"]
    admin.table.revoke(id_)
    assert error(admin.ask("GET", path, "auditor", "Rose")) == (401, "invalid_admin_token")


@pytest.mark.parametrize("role", Role)
def test_each_role_may_what_the_table_says_and_the_rest_is_refused(admin: Admin, role: Role) -> None:
    for route in ROUTES:
        path = route.path.removeprefix("/admin/v1").replace("{id}", "nobody")
        body = {"no_such_field": 1} if route.takes else None
        answer = admin.ask(route.method, path, role, f"one of {role}", body)
        assert (answer.status_code == 403) is (route.act not in MAY[role]), (route.path, answer.text)
        assert answer.status_code == 403 or route.takes is None or error(answer) == (400, "invalid_request")


# ------------------------------------------------------------------ keys
def test_a_key_is_shown_once_counts_at_once_and_is_on_the_trail(admin: Admin) -> None:
    made = admin.ask("POST", "/keys", told={"application": "mail", "expires": "2027-06-30"})
    assert made.status_code == 201
    secret, id_ = made.json()["secret"], made.json()["key"]["id"]
    assert admin.calls(secret) == 200
    listed = admin.ask("GET", "/keys", "auditor", "Ada")
    assert secret not in listed.text
    [row] = [one for one in listed.json()["keys"] if one["id"] == id_]
    assert (row["organisation"], row["application"], row["expires"]) == ("region", "mail", "2027-06-30")
    assert (row["scopes"], row["used"]) == (["all"], None)
    [entry] = admin.entries(id_)
    assert [entry.body[name] for name in ("action", "actor", "subject")] == ["key_created", "admin", "mail"]
    assert secret not in str(entry)
    assert "Anne" not in str(entry)


def test_a_narrow_key_stays_narrow_when_it_is_rotated(admin: Admin) -> None:
    asked = {"application": "mail", "scopes": ["embeddings", "chat"], "expires": "2027-06-30"}
    old = admin.ask("POST", "/keys", told=asked).json()
    new = admin.ask("POST", f"/keys/{old['key']['id']}/rotate", told={"expires": "2027-07-31"}).json()
    for made, day in ((old, "2027-06-30"), (new, "2027-07-31")):
        assert (made["key"]["scopes"], made["key"]["expires"]) == (["chat", "embeddings"], day)
        assert next(one.body["facts"]["scopes"] for one in admin.entries(made["key"]["id"])) == "chat,embeddings"  # type: ignore[index, call-overload] # facts are a table


@pytest.mark.parametrize("scopes", [[], ["all", "chat"], ["telepathy"]])
def test_scopes_that_no_key_can_have_are_refused(admin: Admin, scopes: list[str]) -> None:
    answer = admin.ask("POST", "/keys", told={"application": "mail", "scopes": scopes})
    assert error(answer) == (400, "invalid_request")
    assert "scopes" in answer.json()["error"]["message"]


def test_a_key_is_rotated_with_overlap_then_revoked(admin: Admin) -> None:
    old = admin.ask("POST", "/keys", told={"application": "mail"}).json()
    made = admin.ask("POST", f"/keys/{old['key']['id']}/rotate", told={"overlap_days": 3})
    assert (made.status_code, made.json()["replaces"]) == (201, old["key"]["id"])
    rows = {one["id"]: one for one in admin.ask("GET", "/keys").json()["keys"]}
    assert rows[old["key"]["id"]]["expires"] == "2026-11-27"
    assert rows[made.json()["key"]["id"]]["expires"] is None
    for secret in (old["secret"], made.json()["secret"]):
        assert admin.calls(secret) == 200
    assert admin.ask("POST", f"/keys/{old['key']['id']}/revoke").json()["revoked"] is True
    assert admin.calls(old["secret"]) == 401
    assert error(admin.ask("POST", f"/keys/{old['key']['id']}/rotate")) == (409, "step_refused")
    actions = [one.body["action"] for one in admin.entries(old["key"]["id"])]
    assert actions == ["key_created", "key_rotated", "key_revoked"]


@pytest.mark.parametrize(
    "told", [{"application": "nobody"}, {"application": "mail", "expires": "2026-11-23"}, {}, {"application": 3}, []]
)
def test_a_key_that_cannot_be_is_refused_and_leaves_no_entry(admin: Admin, told: object) -> None:
    before = len(admin.entries("key_created"))
    assert error(admin.ask("POST", "/keys", told=told)) == (400, "invalid_request")
    assert len(admin.entries("key_created")) == before


# ------------------------------------------------------------------ what is read
def test_organisations_limits_usage_and_the_head_are_read(admin: Admin) -> None:
    town = admin.ask("GET", "/organisations", "auditor", "Ada").json()["organisations"][1]
    assert (town["id"], town["teams"], town["applications"][0]["team"]) == (
        "town", [{"id": "desk", "name": "Front desk"}], "desk",
    )  # fmt: skip
    key = admin.ask("POST", "/keys", told={"application": "desk-mail"}).json()
    body = {"model": "smollm2-135m", "messages": [{"role": "user", "content": "Good day"}]}
    headers = {"authorization": f"Bearer {key['secret']}"}
    sent = admin.http.post(f"{admin.made.url}/v1/chat/completions", headers=headers, json=body)
    assert sent.status_code == 200, sent.text
    left = {(one["scope"], one["measure"]): one for one in admin.ask("GET", "/limits").json()["limits"]}
    assert left["organisation:town", "requests_per_minute"]["limit"] == 3
    assert left["organisation:town", "euros_per_month"]["limit"] == 5.0
    one = left[f"key:{key['key']['id']}", "requests_per_minute"]
    assert (one["limit"], one["used"], one["left"]) == (2, 1, 1)
    ends = time.monotonic() + 10  # an outcome is written once its answer was sent
    found: list[int] = []
    while not found and time.monotonic() < ends:
        told = admin.ask("GET", "/usage?by=application&since=2026-11-24").json()
        found = [line["passages"] for line in told["usage"] if line["name"] == "desk-mail"]
    assert (found, told["footprint"]["energy_wh"]["low"] > 0) == ([1], True)
    for asked in ("colour", "day&by=key"):
        assert error(admin.ask("GET", f"/usage?by={asked}")) == (400, "invalid_request")
    head = admin.ask("GET", "/checkpoint", "developer", "Dev").json()["checkpoint"]
    assert head.split("\n")[0].startswith("ecluse.local/")


# ------------------------------------------------------------------ two persons
def test_whoever_asks_for_an_exception_does_not_decide_it(admin: Admin) -> None:
    asked = admin.ask("POST", "/exceptions", "dpo", "Dora", WANTED)
    assert (asked.status_code, asked.json()["asked_by"], asked.json()["state"]) == (201, "Dora", "open")
    path = f"/exceptions/{asked.json()['id']}"
    assert error(admin.ask("POST", f"{path}/approve", "dpo", "Dora")) == (409, "step_refused")
    assert error(admin.ask("POST", f"{path}/approve", "admin", "dora")) == (409, "step_refused")
    assert error(admin.ask("POST", f"{path}/approve", "dpo", "Another")) == (409, "step_refused")
    granted = admin.ask("POST", f"{path}/approve", "admin", "Anne").json()
    assert (granted["state"], granted["decided_by"], granted["decided_as"]) == ("granted", "Anne", "admin")
    assert granted["asked_by"].startswith("person_")
    assert admin.ask("POST", f"{path}/end", "dpo", "Dora").json()["state"] == "ended"
    assert error(admin.ask("POST", f"{path}/end", "dpo", "Dora")) == (409, "step_refused")
    assert error(admin.ask("POST", path.replace("exceptions", "contests") + "/reject")) == (404, "not_found")


@pytest.mark.parametrize(
    ("changed", "refused"),
    [
        ({"rule": "base.credential"}, (409, "step_refused")),
        ({"rule": "no.such.rule"}, (409, "step_refused")),
        ({"application": "nobody"}, (400, "invalid_request")),
        ({"ends": "2026-11-01"}, (409, "step_refused")),
        ({"asked_by": "Somebody else"}, (400, "invalid_request")),
    ],
)
def test_an_exception_that_cannot_be_is_refused(
    admin: Admin, changed: dict[str, str], refused: tuple[int, str]
) -> None:
    assert error(admin.ask("POST", "/exceptions", "dpo", "Dora", WANTED | changed)) == refused


def test_names_are_told_once_the_trail_says_who_reads_them_and_why(admin: Admin) -> None:
    matter = admin.ask("POST", "/exceptions", "dpo", "Nora", WANTED).json()["id"]
    (listed,) = [
        one for one in admin.ask("GET", "/exceptions", "auditor", "Max").json()["matters"] if one["id"] == matter
    ]
    hidden = listed["asked_by"]
    assert hidden.startswith("person_")
    told = admin.ask("POST", "/names", "auditor", "Max", {"of": "exceptions", "why": "AUDIT-7"}).json()
    assert told["names"][hidden] == "Nora"
    (entry,) = [one for one in admin.entries(told["look"]) if one.body["action"] == "names_shown"]
    assert (entry.body["actor"], entry.body["subject"]) == ("auditor", "admin exceptions")
    facts = entry.body["facts"]
    assert isinstance(facts, dict)
    assert (facts["why"], str(facts["person"])[:7]) == ("AUDIT-7", "person_")
    assert not admin.entries("Nora")
    assert not admin.entries("Max")
    assert admin.ask("POST", "/names", "auditor", "Max", {"of": "applications", "why": "AUDIT-7"}).status_code == 200


def test_names_without_a_reference_or_a_role_for_it_are_refused(admin: Admin) -> None:
    before = len(admin.entries("names_shown"))
    asked = {"of": "exceptions", "why": "because Nora left"}
    assert error(admin.ask("POST", "/names", "dpo", "Dora", asked)) == (409, "step_refused")
    asked = {"of": "exceptions", "why": "CASE-7"}
    assert error(admin.ask("POST", "/names", "platform", "Pia", asked)) == (403, "role_required")
    assert len(admin.entries("names_shown")) == before


WATCHED = HOUSE_RULE.replace('@mode("enforce")', '@mode("observe")')
CHANGE = {"reason": "The board", "pack": {"name": "house_rules", "text": WATCHED, "organisation": "town"}}


def test_a_draft_is_written_proven_and_approved_by_another_person_then_published(admin: Admin) -> None:
    written = admin.ask("POST", "/drafts", "dpo", "Dora", CHANGE)
    assert written.status_code == 201, written.text
    draft, path = written.json()["draft"], f"/drafts/{written.json()['draft']['id']}"
    assert (draft["state"], draft["steps"][0]["by"]) == ("open", "Dora")
    assert written.json()["modes"] == {"town": {"house_rules.nothing": "observe"}}
    approval = {"content": draft["content"]}
    assert error(admin.ask("POST", f"{path}/approve", "dpo", "Dora", approval)) == (409, "step_refused")
    assert error(admin.ask("POST", f"{path}/approve", "platform", "Paul", approval)) == (403, "role_required")
    assert error(admin.ask("POST", f"{path}/approve", "dpo", "Another", {"content": "0" * 64})) == (409, "step_refused")
    told = admin.ask("GET", f"{path}/proofs", "auditor", "Ada").json()["organisations"]
    assert ("town", [], "house_rules") in [(o["organisation"], o["newly_broken"], o["rules"][0]["new"]) for o in told]
    approved = admin.ask("POST", f"{path}/approve", "dpo", "Another", approval).json()
    assert approved["draft"]["state"] == "approved"
    assert approved["draft"]["steps"][0]["by"].startswith("person_")
    assert error(admin.ask("POST", f"{path}/publish", "dpo", "Another")) == (403, "role_required")
    published = admin.ask("POST", f"{path}/publish", "platform", "Paul").json()["draft"]
    assert (published["state"], published["steps"][-1]["role"]) == ("published", "platform")
    assert error(admin.ask("GET", "/drafts/R-0")) == (404, "not_found")
    ends = time.monotonic() + 30
    while admin.ask("GET", "/drafts").json()["in_force"] != draft["content"]:
        assert time.monotonic() < ends, admin.made.log
    told = [str(one.body["action"]) for one in admin.entries(draft["id"])]
    assert told == ["rules_written", "rules_approved", "rules_published"]
    shown = admin.ask("POST", "/names", "auditor", "Max", {"of": "drafts", "why": "AUDIT-8"}).json()["names"]
    assert {"Dora", "Another", "Paul"} <= set(shown.values())


@pytest.mark.parametrize(
    ("changed", "refused"),
    [
        ({}, (409, "step_refused")),
        ({"modes": [{"organisation": "nowhere", "rule": "gdpr.transfer", "mode": "warn"}]}, (409, "step_refused")),
        ({"modes": [{"organisation": "town", "rule": "gdpr.transfer", "mode": "off"}]}, (400, "invalid_request")),
        ({"pack": {"name": "house_rules", "text": "forbid ("}}, (409, "step_refused")),
        ({"by": "Somebody else"}, (400, "invalid_request")),
    ],
)
def test_a_draft_that_no_gateway_could_take_is_refused(
    admin: Admin, changed: dict[str, object], refused: tuple[int, str]
) -> None:
    assert error(admin.ask("POST", "/drafts", "dpo", "Dora", {"reason": "why"} | changed)) == refused


# ------------------------------------------------------------------ bodies and the document
def test_a_body_that_is_too_large_or_not_strict_is_refused(admin: Admin) -> None:
    headers = {"authorization": f"Bearer {admin.token('admin', 'Anne')}"}
    url = f"{admin.url}/admin/v1/keys"
    large = admin.http.post(url, headers=headers, content=b" " * (LIMITS.body_bytes + 1))
    assert error(large) == (413, "body_too_large")
    twice = b'{"application": "mail", "application": "crisis"}'
    assert error(admin.http.post(url, headers=headers, content=twice)) == (400, "duplicate_key")
    assert error(admin.http.post(url, headers=headers, content=b"{")) == (400, "invalid_json")
    assert error(admin.http.delete(url, headers=headers)) == (405, "method_not_allowed")


def test_the_document_needs_no_token_and_has_every_route(admin: Admin) -> None:
    told = admin.http.get(f"{admin.url}/admin/openapi.json").json()
    assert told == json.loads(json.dumps(document()))
    assert {(m.upper(), path) for path, item in told["paths"].items() for m in item} == {
        (route.method, route.path) for route in ROUTES
    }


def _read(result: Any) -> Any:
    return result.ok()


SCHEMA = schemathesis.openapi.from_dict(json.loads(json.dumps(document())))
OPERATIONS: Any = {one.label: one for result in SCHEMA.get_all_operations() for one in [_read(result)]}
FEW = settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=(HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.function_scoped_fixture),
    phases=(Phase.generate,),
)


@pytest.fixture(scope="module")
def session(admin: Admin) -> Iterator[requests.Session]:
    with requests.Session() as made:
        made.trust_env = False
        made.headers["authorization"] = f"Bearer {admin.token('admin', 'Anne')}"
        yield made


@pytest.mark.parametrize("label", sorted(OPERATIONS))
def test_each_answer_is_as_the_document_says(label: str, admin: Admin, session: requests.Session) -> None:
    @FEW
    @given(case=OPERATIONS[label].as_strategy(generation_mode=GenerationMode.POSITIVE))
    def as_it_says(case: Case[Any]) -> None:
        with session.request(**case.as_transport_kwargs(base_url=admin.url), timeout=120) as answer:
            assert answer.status_code < 500, answer.text
            case.operation.validate_response(schemathesis.Response.from_requests(answer, verify=True))

    as_it_says()
