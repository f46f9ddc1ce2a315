"""The call that shows names of persons, once the trail says who reads them and why.

Law: every other call says pseudonyms, but for the names of whoever calls.
"""

import asyncio
from collections.abc import Iterator

from ecluse.domain.errors import CallerError
from ecluse.edge.admin.bodies import NamesAsked, NamesOf, NamesTold
from ecluse.edge.admin.office import Call, Office
from ecluse.edge.chain import DocketUnusable
from ecluse.edge.docket_trail import tell_trail
from ecluse.edge.naming import NOBODY_S, ask_names, pseudonym_of
from ecluse.edge.stores.beside import any_drafts, drafts_of


async def show(office: Office, call: Call) -> NamesTold:
    """Show the names of exceptions, contests, drafts or applications."""
    asked: NamesAsked = call.body
    person, role, clock = call.person, call.role, office.live.clock

    def ask() -> str:
        return ask_names(
            office.docket, name=person.name, role=role, why=asked.why, page=f"admin {asked.of}", now=clock.now()
        ).matter

    try:
        look = await asyncio.to_thread(ask)
        await tell_trail(office.docket, office.store, clock, office.own)
        found = await asyncio.to_thread(lambda: set(_names(office, asked.of)))
    except DocketUnusable as error:
        raise CallerError("step_refused", str(error)) from error
    keyed = office.own.index_of
    return NamesTold(look=look, names={pseudonym_of(name, keyed): name for name in sorted(found)})


def _names(office: Office, of: NamesOf) -> Iterator[str]:
    if of is NamesOf.APPLICATIONS:
        yield from (one.owner for known in office.settings.organisations for one in known.applications if one.owner)
        return
    if of is NamesOf.DRAFTS:
        rules = drafts_of(office.state, office.own) if any_drafts(office.state) else None
        yield from (step.name for draft in (rules.drafts() if rules else ()) for step in draft.steps)
        return
    for matter in office.docket.matters():
        if f"{matter.asked.kind}s" == of:
            steps = (matter.asked, matter.decided, matter.ended)
            yield from (step.name for step in steps if step and not step.name.startswith(NOBODY_S))
