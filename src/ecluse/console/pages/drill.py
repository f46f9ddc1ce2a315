"""Drill: unplug a provider, a jurisdiction or an attestation, and see which applications keep a destination.

Law: it rehearses and changes nothing; what may be lost is told apart from what is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ecluse.console.beside import beside
from ecluse.console.ground import Ground
from ecluse.console.page import Page
from ecluse.console.problem import problem_of
from ecluse.console.view import ground_of, render, said
from ecluse.domain.caller import ApplicationId
from ecluse.domain.destination import DestinationId
from ecluse.domain.errors import EcluseError
from ecluse.domain.finding import MASKED_CLASSES, DataClass
from ecluse.domain.snapshot import Snapshot
from ecluse.edge.drilling import ATTESTATION, JURISDICTION, loss_of
from ecluse.edge.month import last_month
from ecluse.edge.roles import Act
from ecluse.edge.snapshots import build
from ecluse.edge.stores.errors import StoreError
from ecluse.packs.registry.facts import Scheme
from ecluse.prove.concentration import as_it_went, as_it_would_go
from ecluse.prove.drill import Profile, declared, rehearse, without

SEEN = "SELECT DISTINCT application, classes, recipients, dialect FROM passages ORDER BY 1, 2, 3, 4 LIMIT 200"
LONGEST = 100
WRONG = (ValueError, StoreError, EcluseError)


async def show(request: Request) -> Response:
    """Show what can be unplugged, and what follows from what is."""
    ground, t = ground_of(request), said(request)
    stated = request.query_params.get("without", "").strip()[:LONGEST]
    values: dict[str, object] = {"title": t("drill.title"), "stated": stated, "choices": _choices(ground)}
    values |= {"problem": None, "rehearsed": None, "making": False}
    if stated:
        try:
            work = partial(ground.kept, ("drill", stated), partial(_rehearsed, ground, stated))
            values |= await beside(request, f"drill {stated}", work, quick=ground.is_folded) or {"making": True}
        except WRONG as error:
            values["problem"] = problem_of(request, error)
    return render(request, "drill.html", values)


def _choices(ground: Ground) -> Mapping[str, Sequence[tuple[str, str]]]:
    """Return what can be unplugged here, by kind: the value that is asked for and its name."""
    tools = [one.destination for one in ground.snapshot.recipients if one.verified]
    used = [*ground.snapshot.destinations.values(), *tools]
    registry = ground.base.registry
    companies = {one.provider for one in used} | {registry.offers[o.runs_on].offer.provider for o in used if o.runs_on}
    words = sorted({seen.word for one in used if (seen := ground.exposed(one.id, ground.today)).outside} | {"US"})
    return {
        "provider": sorted((str(id_), registry.providers[id_].name) for id_ in companies),
        "jurisdiction": [(f"{JURISDICTION}{word}", word) for word in words],
        "attestation": [(f"{ATTESTATION}{scheme.value}", scheme.value) for scheme in Scheme],
    }


def _rehearsed(ground: Ground, stated: str) -> dict[str, object]:
    """Decide every profile before and after, and the last month. Raises ValueError, EcluseError or what WRONG names."""
    before = ground.folded()
    loss = loss_of(ground.base, before, stated)
    same = loss.registry is ground.base.registry
    after = without(before if same else build(replace(ground.base, registry=loss.registry), ground.today), loss.gone)
    applications = ground.base.applications
    profiles = [*declared(applications.values()), *_seen(ground)]
    found = rehearse(before, after, applications, profiles, now=ground.clock.now())
    stands = bool(loss.places)
    ending = {one.profile.application for one in found if one.before and (stands or not one.after)}
    return {
        "rehearsed": found,
        "moved": sorted((one for one in found if stands or one.after != one.before), key=lambda one: bool(one.after)),
        "still": [] if stands else [one for one in found if one.after == one.before],
        "stands": stands,
        **_month(ground, before, after, stands=stands),
        "ending": [applications[id_].name for id_ in applications if id_ in ending],
        "applications": applications,
        "gone": [ground.destination(id_) for id_ in sorted(loss.gone)],
        "doubtful": [ground.destination(id_) for id_ in sorted(loss.doubtful - loss.gone)],
        "names": {str(id_): ground.destination(id_) for id_ in before.destinations},
    }


def _month(ground: Ground, before: Snapshot, after: Snapshot, *, stands: bool) -> Mapping[str, object]:
    """Return what the last month of the trail came to, and what it would: the same sums as the command's."""
    trail = ground.trail()
    month = ground.kept("month", partial(last_month, trail)) if trail else None
    if month is None or not month.until:
        return {"month": None}
    would = as_it_would_go(month.flows, after, ground.base.applications, now=ground.clock.now(), stands=stands)
    balances = {"went": as_it_went(month.flows, before), "would": would}
    providers = ground.base.registry.providers
    companies = {str(id_): one.name for id_, one in providers.items()}
    return {"month": month, "balances": balances, "companies": companies}


def _seen(ground: Ground) -> list[Profile]:
    """Return the sets of data classes that each application was seen to send, with the hosted tools that went along."""
    digest, _ = ground.digest()
    found = {
        Profile(
            application=ApplicationId(application),
            classes=frozenset(DataClass(name) for name in classes.split()) - MASKED_CLASSES,
            seen=True,
            recipients=frozenset(map(DestinationId, recipients.split())),
            dialect=dialect,
        )
        for application, classes, recipients, dialect in (digest.ask(SEEN) if digest else ())
        if application in ground.base.applications
    }
    return sorted(found, key=lambda one: (one.application, sorted(one.classes), sorted(one.recipients)))


PAGE = Page(name="drill", act=Act.TRY, path="/drill", routes=[Route("/drill", show)], group="try", order=35)
