"""What a key is for: each call needs its scope, a missing one is named in each format, and nothing is read or sent."""

from collections.abc import Iterator, Mapping

import httpx2
import pytest

from ecluse.domain.caller import ApplicationId, KeyScope
from ecluse.domain.request import Surface
from ecluse.edge.clock import SystemClock
from ecluse.edge.http.routes import Routes
from ecluse.edge.keys import Secrets
from ecluse.edge.stores.key_tables import table_of
from ecluse.passage.admit import DIALECTS
from tests.docs.markdown import page, rows, section
from tests.edge.gateway import Gateway

NEEDS: Mapping[str, KeyScope] = {
    "/v1/chat/completions": KeyScope.CHAT,
    "/v1/responses": KeyScope.CHAT,
    "/v1/messages": KeyScope.CHAT,
    "/v1/messages/count_tokens": KeyScope.CHAT,
    "/v1/embeddings": KeyScope.EMBEDDINGS,
    "/v1/completions": KeyScope.COMPLETIONS,
    "/v1/fim/completions": KeyScope.COMPLETIONS,
    "/v1/rerank": KeyScope.RERANK,
    "/v1/moderations": KeyScope.MODERATIONS,
    "/v1/ocr": KeyScope.OCR,
    "/v1/audio/transcriptions": KeyScope.TRANSCRIPTION,
    "/v1/audio/speech": KeyScope.SPEECH,
    "/v1/classify": KeyScope.CLASSIFY,
    "/v1/explain": KeyScope.EXPLAIN,
    "/v1/explain/chat/completions": KeyScope.EXPLAIN,
    "/v1/contests": KeyScope.CONTEST,
    "/v1/contests/messages": KeyScope.CONTEST,
}


@pytest.fixture
def http(shared_gateway: Gateway) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=shared_gateway.url, trust_env=False, timeout=20) as made:
        yield made


def bearer(made: Gateway, *scopes: KeyScope, application: str = "mail") -> dict[str, str]:
    table = table_of(made.state, Secrets.open(made.state))
    _, secret = table.create(ApplicationId(application), SystemClock().now(), scopes=frozenset(scopes))
    return {"authorization": f"Bearer {secret.reveal()}"}


def code(answer: httpx2.Response) -> str:
    return str(answer.json()["error"]["code"])


def test_a_call_refuses_a_key_with_every_scope_but_its_own(shared_gateway: Gateway, http: httpx2.Client) -> None:
    keys = {scope: bearer(shared_gateway, *(set(KeyScope) - {KeyScope.ALL, scope})) for scope in set(NEEDS.values())}
    for path, scope in NEEDS.items():
        answer = http.post(path, content=b"not read", headers=keys[scope])
        assert (answer.status_code, code(answer)) == (403, "scope_required"), path
        assert f"({scope})" in answer.json()["error"]["message"]


def test_its_own_scope_alone_opens_a_call(shared_gateway: Gateway, http: httpx2.Client) -> None:
    for path, scope in NEEDS.items():
        answer = http.post(path, content=b"no JSON", headers=bearer(shared_gateway, scope))
        assert answer.status_code == 400, path  # the body was read
    assert http.get("/v1/models", headers=bearer(shared_gateway, KeyScope.RECEIPTS)).status_code == 200


def test_every_path_that_is_served_is_here_or_another_spelling_of_one() -> None:
    served = {path for one in DIALECTS.values() for path in (*one.routes, *one.counts)}
    routes = Routes(DIALECTS)
    for path in served:
        route = routes.post(path, {})
        assert route is not None
        assert route.scope == route.surface.value
    assert {KeyScope(surface.value) for surface in Surface} <= set(NEEDS.values())


@pytest.mark.parametrize(
    ("path", "where", "kind"),
    [
        ("/v1/chat/completions", ("error", "type"), "invalid_request_error"),
        ("/v1/messages", ("error", "type"), "permission_error"),
    ],
)
def test_each_format_says_it_in_its_own_shape(
    shared_gateway: Gateway, http: httpx2.Client, path: str, where: tuple[str, str], kind: str
) -> None:
    headers = bearer(shared_gateway, KeyScope.EMBEDDINGS)
    answer = http.post(path, json={}, headers=headers)
    assert answer.json()[where[0]][where[1]] == kind
    french = http.post(path, json={}, headers={**headers, "accept-language": "fr"})
    assert "portée" in french.json()["error"]["message"]
    assert "(chat)" in french.json()["error"]["message"]


def test_receipts_and_the_trail_refuse_a_key_without_their_scope(shared_gateway: Gateway, http: httpx2.Client) -> None:
    chat = bearer(shared_gateway, KeyScope.CHAT, application="audit")
    assert code(http.get("/v1/receipts/nothing", headers=chat)) == "scope_required"
    assert code(http.get("/checkpoint", headers=chat)) == "scope_required"
    reader = bearer(shared_gateway, KeyScope.TRAIL, application="audit")
    assert code(http.get("/tile/entries/x999", headers=reader)) == "not_found"
    assert code(http.get("/v1/receipts/nothing", headers=reader)) == "scope_required"
    receipts = bearer(shared_gateway, KeyScope.RECEIPTS)
    assert code(http.get("/v1/receipts/nothing", headers=receipts)) == "not_found"


def test_the_how_to_has_every_scope() -> None:
    listed = [row["scope"].strip("`") for row in rows(section(page("docs/how-to/manage-keys.md"), "Scopes"))]
    assert sorted(listed) == sorted(KeyScope)
