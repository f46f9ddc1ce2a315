"""Which call is where, who may make it, what it takes and gives: one table for the door and its OpenAPI document.

Law: a path is in the table or 404; no call without its act, so that a forgotten one cannot be open to everybody.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import msgspec

from ecluse.edge.admin import draft_calls, key_calls, matter_calls, name_calls, record_calls
from ecluse.edge.admin.bodies import (
    CheckpointTold,
    KeyShown,
    KeysTold,
    KeyTold,
    LimitsTold,
    MattersTold,
    MatterTold,
    NamesAsked,
    NamesTold,
    NewException,
    NewKey,
    Nothing,
    OrganisationsTold,
    Rotation,
    Until,
    UsageAsked,
    UsageTold,
)
from ecluse.edge.admin.draft_bodies import Approval, DraftShown, DraftsTold, NewDraft, ProofsTold
from ecluse.edge.admin.office import Call, Office
from ecluse.edge.docket import Kind, Move
from ecluse.edge.roles import Act

BASE = "/admin/v1"
OPENAPI = "/admin/openapi.json"
ID = "{id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One call. `takes` is its body, `asks` its query, `gives` its answer, `status` that of the answer."""

    method: str
    path: str
    act: Act
    summary: str
    does: Callable[[Office, Call], Awaitable[msgspec.Struct]]
    gives: type[msgspec.Struct]
    takes: type[msgspec.Struct] | None = None
    asks: type[msgspec.Struct] = Nothing
    status: int = 200


def _get(
    path: str,
    act: Act,
    summary: str,
    does: Callable[[Office, Call], Awaitable[msgspec.Struct]],
    gives: type[msgspec.Struct],
    asks: type[msgspec.Struct] = Nothing,
) -> Route:
    return Route(method="GET", path=BASE + path, act=act, summary=summary, does=does, gives=gives, asks=asks)


def _post(
    path: str,
    act: Act,
    summary: str,
    does: Callable[[Office, Call], Awaitable[msgspec.Struct]],
    gives: type[msgspec.Struct],
    takes: type[msgspec.Struct] = Nothing,
    status: int = 200,
) -> Route:
    return Route(
        method="POST", path=BASE + path, act=act, summary=summary, does=does, gives=gives, takes=takes, status=status
    )


def _decides(kind: Kind, word: str, move: Move, summary: str, takes: type[msgspec.Struct] = Nothing) -> Route:
    does = matter_calls.deciding(kind, move)
    return _post(f"/{kind}s/{ID}/{word}", Act.DECIDE, summary, does, MatterTold, takes)


ROUTES: tuple[Route, ...] = (
    _get("/keys", Act.READ, "Every API key, without secrets", key_calls.list_keys, KeysTold),
    _post("/keys", Act.ADMINISTER, "Make a key, shown this once", key_calls.make_key, KeyShown, NewKey, 201),
    _post(f"/keys/{ID}/rotate", Act.ADMINISTER, "Make a key in place of another, which counts for some days more",
          key_calls.rotate_key, KeyShown, Rotation, 201),
    _post(f"/keys/{ID}/revoke", Act.ADMINISTER, "Revoke a key for good", key_calls.revoke_key, KeyTold),
    _get("/organisations", Act.READ, "Organisations, teams and applications on record",
         record_calls.organisations, OrganisationsTold),
    _get("/limits", Act.READ, "Limits and budgets with what is left of them", record_calls.limits, LimitsTold),
    _get("/usage", Act.READ, "Who used what; cost, energy and carbon", record_calls.usage, UsageTold, UsageAsked),
    _get("/checkpoint", Act.LOOK, "The newest signed head of the trail", record_calls.checkpoint, CheckpointTold),
    _get("/exceptions", Act.READ, "Exceptions on the docket", matter_calls.listing(Kind.EXCEPTION), MattersTold),
    _post("/exceptions", Act.DECIDE, "Ask for an exception", matter_calls.ask, MatterTold, NewException, 201),
    _decides(Kind.EXCEPTION, "approve", Move.GRANTED, "Approve an exception that another person asked for"),
    _decides(Kind.EXCEPTION, "reject", Move.REFUSED, "Turn down an exception"),
    _decides(Kind.EXCEPTION, "end", Move.ENDED, "End an exception before its day"),
    _get("/contests", Act.READ, "What is contested", matter_calls.listing(Kind.CONTEST), MattersTold),
    _decides(Kind.CONTEST, "accept", Move.GRANTED, "Accept what another person contests, until a day", Until),
    _decides(Kind.CONTEST, "reject", Move.REFUSED, "Turn down what is contested"),
    _decides(Kind.CONTEST, "end", Move.ENDED, "End an accepted contest before its day"),
    _get("/drafts", Act.READ, "Drafts of the rules, and what is published", draft_calls.listing, DraftsTold),
    _get(f"/drafts/{ID}", Act.READ, "What a draft says: modes and packs", draft_calls.show, DraftShown),
    _get(f"/drafts/{ID}/proofs", Act.READ, "What changes with a draft, and which invariants it breaks",
         draft_calls.proofs, ProofsTold),
    _post("/drafts", Act.DRAFT_RULES, "Write a draft of the rules, or one anew",
          draft_calls.write, DraftShown, NewDraft, 201),
    _post(f"/drafts/{ID}/approve", Act.APPROVE_RULES, "Approve what a draft says that another person wrote",
          draft_calls.approve, DraftShown, Approval),
    _post(f"/drafts/{ID}/publish", Act.PUBLISH_RULES, "Put an approved draft in force, proven once more",
          draft_calls.publish, DraftShown),
    _post(f"/drafts/{ID}/withdraw", Act.DRAFT_RULES, "Put a draft aside", draft_calls.withdraw, DraftShown),
    _post("/names", Act.NAMES, "Names behind pseudonyms, once the trail says who reads them and why",
          name_calls.show, NamesTold, NamesAsked),
)  # fmt: skip
