"""What was decided in the docket, laid over the records of applications: as it stands, or as it stood at a moment.

Law: one domain type for an exception, wherever it was stated; only what was granted, has not ended and is on the trail
counts. What names an application that is no more counts for none.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date

import msgspec

from ecluse.domain.caller import Application, ApplicationId, PolicyException
from ecluse.domain.contest import Contest
from ecluse.domain.destination import DestinationId
from ecluse.domain.misstated import Misstated
from ecluse.domain.snapshot import Snapshot
from ecluse.edge.chain import DocketUnusable
from ecluse.edge.docket import Kind, Matter, Step
from ecluse.passage.decide import CedarRulebook

NOBODY = "(whoever decides)"


def why_not(made: Snapshot, asked: Step) -> Misstated | None:
    """Say why an exception cannot be had under the rules, whoever grants it; None when it can.

    Raises DocketUnusable for an application that is not on record, or for an exception that is none.
    """
    if ApplicationId(asked.application) not in made.applications:
        known = ", ".join(made.applications)
        raise DocketUnusable(
            f"no application {asked.application!r}; there are: {known}",
            f"aucune application {asked.application!r} ; il y a : {known}",
        )
    named = asked if asked.matter else msgspec.structs.replace(asked, matter="E-new")
    exception = exception_of(named, msgspec.structs.replace(named, name=NOBODY))
    if not isinstance(made.rulebook, CedarRulebook):
        return None
    return made.rulebook.why_no_exception(exception, made.applications[ApplicationId(asked.application)].exceptions)


def lay_over(
    applications: Mapping[ApplicationId, Application], matters: Iterable[Matter]
) -> Mapping[ApplicationId, Application]:
    """Return the applications with what the docket adds to them, and nothing else of it. Raises DocketUnusable."""
    found = tuple(matters)
    merged = _without(applications, {matter.asked.matter for matter in found})
    for matter in found:
        application = merged.get(ApplicationId(matter.asked.application))
        granted = matter.decided
        if application is None or granted is None or matter.state != "granted" or not matter.trailed:
            continue
        if matter.asked.kind is Kind.EXCEPTION:
            application = replace(
                application, exceptions=(*application.exceptions, exception_of(matter.asked, granted))
            )
        else:
            application = replace(application, contests=(*application.contests, _contest(matter.asked, granted)))
        merged[application.id] = application
    return merged


def at_moment(matters: Iterable[Matter], moment: str) -> tuple[Matter, ...]:
    """Return the matters as the steps until a moment had left them; it is written as the steps write theirs."""
    return tuple(
        msgspec.structs.replace(
            one,
            decided=one.decided if one.decided and one.decided.at <= moment else None,
            ended=one.ended if one.ended and one.ended.at <= moment else None,
        )
        for one in matters
    )


def _without(applications: Mapping[ApplicationId, Application], ids: set[str]) -> dict[ApplicationId, Application]:
    """Return the applications without what came from some matters; a record that had none of it stays the same."""
    left: dict[ApplicationId, Application] = {}
    for id_, one in applications.items():
        exceptions = tuple(each for each in one.exceptions if each.id not in ids)
        contests = tuple(each for each in one.contests if each.id not in ids)
        changed = len(exceptions) < len(one.exceptions) or len(contests) < len(one.contests)
        left[id_] = replace(one, exceptions=exceptions, contests=contests) if changed else one
    return left


def exception_of(asked: Step, granted: Step) -> PolicyException:
    """Return the exception that was asked for and granted. Raises DocketUnusable for one that cannot be."""
    try:
        return PolicyException(
            id=asked.matter,
            rule=asked.rule,
            ground=asked.ground,
            requested_by=asked.name,
            approved_by=granted.name,
            starts=_day(granted),
            ends=_end(granted),
            destinations=frozenset(DestinationId(name) for name in asked.destinations),
        )
    except Misstated as error:
        raise DocketUnusable(str(error), error.fr) from error


def _contest(asked: Step, granted: Step) -> Contest:
    try:
        return Contest(
            id=asked.matter,
            marks=frozenset(asked.marks),
            requested_by=asked.name,
            approved_by=granted.name,
            starts=_day(granted),
            ends=_end(granted),
        )
    except Misstated as error:
        raise DocketUnusable(str(error), error.fr) from error


def _day(granted: Step) -> date:
    return granted.starts or date.fromisoformat(granted.at[:10])


def _end(granted: Step) -> date:
    if granted.ends is None:
        raise DocketUnusable(f"{granted.matter} has no end", f"{granted.matter} n'a pas de fin")
    return granted.ends
