"""One passage told as `ecluse explain` would: what was asked, what decided, which candidates lost and why.

Law: what the trail says is shown as it says it; what it does not keep (why others lost) is asked of the rules again, on
the facts of that day, and is said to be asked again when the snapshot is not the one on record.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ecluse.console.ground import Ground
from ecluse.domain.errors import EcluseError
from ecluse.domain.trail import Entry, EntryKind
from ecluse.domain.verdict import Reason, RuleId, Ruling
from ecluse.edge.config import SettingsError
from ecluse.passage.decide import explain
from ecluse.prove.hosted import able, tools_of
from ecluse.prove.past import asked_again, passed
from ecluse.prove.simulate import candidates_of

AS_IS, MASKED = "as_is", "masked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One destination in its forms, and what became of them: `chosen`, `open` (permitted, not chosen) or `refused`."""

    destination: str
    forms: Sequence[str]
    fate: str
    reasons: Sequence[Reason]


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """The candidates under the rules asked again. `same` is whether the snapshot is the one on record."""

    candidates: Sequence[Candidate]
    same: bool
    day: str


def asked_of(entries: Sequence[Entry]) -> Entry | None:
    """Return the entry that says what was asked: the last intent, else the refusal."""
    kinds = (EntryKind.INTENT, EntryKind.REFUSAL)
    return next((entry for entry in reversed(entries) if entry.kind in kinds), None)


def rules_of(ground: Ground, ids: Sequence[str]) -> Sequence[tuple[str, Reason | None]]:
    """Return the words of each rule; a rule that is no longer in force has its id alone."""
    known = ground.rules()
    return [(id_, known[RuleId(id_)].reason if RuleId(id_) in known else None) for id_ in ids]


def again(ground: Ground, entry: Entry) -> Again | None:
    """Ask the rules again for what an entry says was asked; None when the record of the caller is gone."""
    body: Mapping[str, Any] = entry.body
    decided = passed(entry)
    if decided is None:
        return None
    past = decided.past
    try:
        then = ground.bygone.exactly(entry.at)
        snapshot, application = then.snapshot, then.applications.get(past.application)
        if application is None:
            return None
        tools = tools_of(snapshot, past.recipients, past.dialect)
        candidates = able(snapshot, tools or frozenset(), candidates_of(snapshot, past))
        if tools is None or not candidates:
            return None
        rulings = explain(snapshot, asked_again(past, application, tools), candidates, now=then.now)
    except (EcluseError, SettingsError):
        return None
    chosen = (body.get("destination"), MASKED if body.get("masked") else AS_IS)
    return Again(
        candidates=_joined([_candidate(ruling, chosen, body) for ruling in rulings]),
        same=snapshot.id == body["snapshot_current"],
        day=snapshot.today,
    )


def _candidate(ruling: Ruling, chosen: tuple[object, str], body: Mapping[str, Any]) -> Candidate | None:
    """Say what became of one form; None for a masked form that was not needed: as it is comes before."""
    form = MASKED if ruling.choice.masked else AS_IS
    permitted = f"{ruling.choice.destination} {form}" in (body.get("candidates") or ())
    if (ruling.choice.destination, form) == chosen:
        fate = "chosen"
    elif permitted:
        fate = "open"
    elif ruling.permitted:
        return None
    else:
        fate = "refused"
    return Candidate(destination=ruling.choice.destination, forms=[form], fate=fate, reasons=ruling.reasons)


def _joined(candidates: Sequence[Candidate | None]) -> Sequence[Candidate]:
    """Make one of two forms of a destination that fared alike."""
    joined: list[Candidate] = []
    for one in candidates:
        if one is None:
            continue
        last = joined[-1] if joined else None
        if last and (last.destination, last.fate, last.reasons) == (one.destination, one.fate, one.reasons):
            joined[-1] = replace(last, forms=[*last.forms, *one.forms])
        else:
            joined.append(one)
    return joined
