"""Calls about drafts of the rules, through the same office as the console and the command line.

Law: the person is who entered, never what a body says; whoever wrote a part of a draft does not approve it. Nothing
counts before the gateway has put the step on its trail, within seconds.
"""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from ecluse.domain.errors import CallerError, EcluseError, GatewayError
from ecluse.edge.admin.draft_bodies import (
    Approval,
    DraftShown,
    DraftsTold,
    DraftTold,
    NewDraft,
    ProofsTold,
    ProvenTold,
    StepTold,
    TermTold,
)
from ecluse.edge.admin.office import Call, Office
from ecluse.edge.amendment import Amendment
from ecluse.edge.amendments.office import Office as RulesOffice
from ecluse.edge.amendments.office import Who
from ecluse.edge.drafts import Draft
from ecluse.edge.naming import Names

T = TypeVar("T")


async def listing(office: Office, call: Call) -> DraftsTold:
    """List every draft."""
    names = office.names(call.person)

    def found(rules: RulesOffice) -> DraftsTold:
        return DraftsTold(
            drafts=[_told(rules, one, names) for one in rules.drafts()],
            in_force=rules.standing.hash,
        )

    return await _with(office, found)


async def show(office: Office, call: Call) -> DraftShown:
    """Show what one draft says."""
    return await _with(office, lambda rules: _shown(rules, _one(rules, call), office.names(call.person)))


async def proofs(office: Office, call: Call) -> ProofsTold:
    """Compare and prove what one draft says against what is in force; takes seconds."""

    def found(rules: RulesOffice) -> ProofsTold:
        content = _one(rules, call).content
        return ProofsTold(
            content=content.hash,
            organisations=[
                ProvenTold(
                    organisation=one.organisation,
                    questions=one.difference.questions,
                    changes=len(one.difference.changes),
                    invariants=len(one.shown.invariants),
                    broken=[str(broken.invariant.id) for broken in one.shown.broken],
                    newly_broken=list(one.newly),
                    rules=[TermTold(rule=t.rule, term=t.term, old=t.old, new=t.new) for t in one.terms],
                )
                for one in rules.weigh(content)
            ],
        )

    return await _with(office, found)


async def write(office: Office, call: Call) -> DraftShown:
    """Keep a draft. Nothing changes before another person approved it and it was published."""
    asked: NewDraft = call.body

    def kept(rules: RulesOffice) -> DraftShown:
        written = rules.write(_composed(rules, asked), asked.reason, _who(call), asked.revises or "")
        return _shown(rules, rules.draft(written.draft), office.names(call.person))

    return await _with(office, kept)


async def approve(office: Office, call: Call) -> DraftShown:
    """Approve exactly what was read of a draft that another person wrote."""
    asked: Approval = call.body
    return await _stepped(office, call, lambda rules: rules.approve(call.id, asked.content, _who(call)))


async def publish(office: Office, call: Call) -> DraftShown:
    """Put an approved draft in force; it is proven once more before, which takes seconds."""
    return await _stepped(office, call, lambda rules: rules.publish(call.id, _who(call)))


async def withdraw(office: Office, call: Call) -> DraftShown:
    """Put a draft aside."""
    return await _stepped(office, call, lambda rules: rules.withdraw(call.id, _who(call)))


async def _stepped(office: Office, call: Call, step: Callable[[RulesOffice], object]) -> DraftShown:
    def done(rules: RulesOffice) -> DraftShown:
        _one(rules, call)
        step(rules)
        return _shown(rules, _one(rules, call), office.names(call.person))

    return await _with(office, done)


async def _with(office: Office, work: Callable[[RulesOffice], T]) -> T:
    """Do some work over the rules that are in force now, in a thread. Raises CallerError with what to write instead."""

    def whole() -> T:
        return work(RulesOffice(office.settings, office.base, office.live.clock.now()))

    try:
        return await asyncio.to_thread(whole)
    except EcluseError:
        raise
    except ValueError as error:
        raise CallerError("step_refused", str(error)) from error
    except OSError as error:
        raise GatewayError("internal_error", "the rules cannot be read") from error


def _composed(rules: RulesOffice, asked: NewDraft) -> Amendment:
    content = rules.standing
    if asked.restores:
        content = rules.before(asked.restores)
    elif asked.revises:
        content = rules.draft(asked.revises).content
    for one in asked.modes:
        content = content.with_mode(one.organisation, one.rule, one.mode)
    if asked.without_pack:
        content = rules.without_pack(content, asked.without_pack)
    if asked.pack:
        content = rules.composed(content, asked.pack.organisation or "", asked.pack.name, asked.pack.text)
    return content


def _who(call: Call) -> Who:
    return Who(name=call.person.name, role=call.role, person=call.person.mark)


def _one(rules: RulesOffice, call: Call) -> Draft:
    found = next((one for one in rules.drafts() if one.id == call.id), None)
    if found is None:
        raise CallerError("not_found")
    return found


def _shown(rules: RulesOffice, one: Draft, names: Names) -> DraftShown:
    return DraftShown(draft=_told(rules, one, names), modes=one.content.modes, packs=one.content.packs)


def _told(rules: RulesOffice, one: Draft, names: Names) -> DraftTold:
    return DraftTold(
        id=one.id,
        state=one.state,
        on_trail=one.trailed,
        outdated=one.state in {"open", "approved"} and rules.outdated(one),
        content=one.content.hash,
        reason=one.written.reason,
        steps=[
            StepTold(
                act=step.act.value,
                at=step.at,
                by=names(step.name),
                role=step.role,
                content=step.hash,
                before=step.left or None,
                after=step.entered or None,
            )
            for step in one.steps
        ],
    )
