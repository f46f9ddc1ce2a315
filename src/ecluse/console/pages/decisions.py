"""Decisions: search them, see one explained, and verify its proof in the browser."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from ecluse.console.digest import Filter, Way
from ecluse.console.digest.passages import NOTHING, NOWHERE, SENSITIVITY
from ecluse.console.ground import Ground
from ecluse.console.page import Page
from ecluse.console.proving import proofs
from ecluse.console.telling import again, asked_of, rules_of
from ecluse.console.view import ground_of, render, said
from ecluse.domain.trail import Entry, EntryId, EntryKind, PassageId
from ecluse.edge.roles import Act
from ecluse.edge.stores.opening import Reader
from ecluse.passage.record import EntryRefused, parse
from ecluse.prove.verify import Row

A_PAGE = 40
WORDS = ("first_day", "last_day", "organisation", "application", "principal", "way", "destination", "rule", "passage")
LONGEST = 200


def show(request: Request) -> Response:
    """Show the newest passages that match."""
    ground, t = ground_of(request), said(request)
    query = request.query_params
    stated: dict[str, Any] = {name: query.get(name, "").strip()[:LONGEST] for name in WORDS}
    asked = Filter(**stated, watched=bool(query.get("watched")))
    before = query.get("before", "")
    digest, lacking = ground.digest()
    found = digest.passages(asked, before=_number(before), most=A_PAGE + 1) if digest else []
    shown = found[:A_PAGE]
    return render(
        request,
        "decisions.html",
        {
            "title": t("decisions.title"),
            "asked": asked,
            "stated": stated,
            "found": shown,
            "older": shown[-1].seq if len(found) > A_PAGE else None,
            "newest": not before,
            "lacking": lacking,
            "whole": digest.size + lacking if digest else 0,
            "anything": bool(digest and digest.size),
            "filtered": any(stated.values()) or asked.watched,
            "organisations": ground.organisations(),
            "applications": ground.applications(),
            "ways": list(Way),
            "classes": [NOTHING, *SENSITIVITY],
            "names": {one.destination: ground.destination(one.destination) for one in shown if one.destination},
            "destinations": {str(id_): ground.destination(id_) for id_ in ground.snapshot.destinations},
        },
    )


def _number(stated: str) -> int | None:
    return int(stated) if stated.isascii() and stated.isdigit() and len(stated) <= 18 else None  # noqa: PLR2004 - an index


def one(request: Request) -> Response:
    """Show one passage, explained."""
    ground, t = ground_of(request), said(request)
    name, trail = request.path_params["passage"], ground.trail()
    rows = _rows(trail, name)
    if not rows and trail and (index := trail.index_of(EntryId(name))) is not None:
        (entry,) = _entries(list(trail.rows(index, index + 1)))
        return RedirectResponse(f"/decisions/{entry.passage}", 303)
    entries = _entries(rows)
    if not entries:
        return render(request, "missing.html", {"title": t("decisions.missing")}, status=404)
    return render(request, "decision.html", _told(ground, entries, rows) | {"title": t("decisions.one")})


def proof(request: Request) -> Response:
    """Return the passage's proof, to be verified anywhere."""
    ground = ground_of(request)
    trail = ground.trail()
    rows = _rows(trail, request.path_params["passage"])
    if trail is None or not rows:
        return JSONResponse({"error": "no such passage"}, 404)
    name = f"ecluse-proof-{rows[0][0]}.json"
    return JSONResponse(proofs(ground, trail, rows), headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _rows(trail: Reader | None, passage: str) -> list[Row]:
    return list(trail.of_passage(PassageId(passage))) if trail else []


def _entries(rows: list[Row]) -> list[Entry]:
    found = []
    for _, data, _ in rows:
        try:
            found.append(parse(data))
        except EntryRefused:
            continue
    return found


def _told(ground: Ground, entries: list[Entry], rows: list[Row]) -> dict[str, object]:
    asked = asked_of(entries)
    body: Mapping[str, Any] = asked.body if asked else {}
    outcome = next((entry.body for entry in entries if entry.kind is EntryKind.OUTCOME), None)
    refused = asked is not None and asked.kind is EntryKind.REFUSAL
    way = "unanswered"
    if asked is not None:
        way = ("refused" if body["code"] == "policy_denied" else "unanswered") if refused else _form(body)
    nowhere = outcome is not None and outcome["code"] == NOWHERE
    way = "unanswered" if nowhere else way
    destination = str(body.get("destination") or "")
    return {
        "passage": entries[0].passage,
        "at": entries[0].at,
        "entries": entries,
        "indexes": [row[0] for row in rows],
        "texts": [row[1].decode() for row in rows],
        "way": way,
        "told": "nowhere" if nowhere else way,
        "nowhere": nowhere,
        "body": body,
        "outcome": outcome,
        "destination": destination,
        "place": ground.destination(destination) if destination else ("", ""),
        "reach": ground.exposed(destination, ground.today).word if destination else "",
        "organisation": ground.organisations().get(str(body.get("organisation")), body.get("organisation", "")),
        "application": ground.applications().get(str(body.get("application")), body.get("application", "")),
        "decided_by": rules_of(ground, body.get("refused_by") or body.get("permitted_by") or ()),
        "observed": rules_of(ground, body.get("observed") or ()),
        "again": again(ground, asked) if asked else None,
        "recipients": [
            (name, ground.destination(name), ground.exposed(name, ground.today).word)
            for name in body.get("recipients") or ()
        ],
        "named": ground.destination,
        "vkey": ground.vkey(),
    }


def _form(body: Mapping[str, Any]) -> str:
    return "masked" if body["masked"] else "as_is"


PAGE = Page(
    name="decisions",
    act=Act.READ,
    path="/decisions",
    routes=[
        Route("/decisions", show),
        Route("/decisions/{passage}", one),
        Route("/decisions/{passage}/proof.json", proof),
    ],
    group="see",
    order=20,
)
