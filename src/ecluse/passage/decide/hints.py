"""What would make a refused request acceptable: each hint was asked of the rules, none is guessed.

Law: a hint is a counterfactual that the rulebook permits, and the smallest of its kind. No hint ever tells anybody to
remove a marking or to give up a secrecy: those are the document's, not the text's.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import TypeAlias

from ecluse.domain.caller import HDS_ACTIVITIES, Analysis, AnalysisKind
from ecluse.domain.destination import DestinationId, Place
from ecluse.domain.finding import MASKED_FORM, DataClass
from ecluse.domain.party import ProviderId
from ecluse.domain.request import Capability
from ecluse.domain.snapshot import Snapshot
from ecluse.domain.verdict import Action, Hint, Mode, Question, Ruling
from ecluse.passage.decide.forms import forms
from ecluse.passage.decide.recipients import judged, recipients_of
from ecluse.passage.decide.words import ANALYSIS_NAMES, CLASS_NAMES, joined

SHOWN = 3
"""At most so many destinations in one hint, and so many candidates tried for what could be otherwise."""
_WORKS = (
    Capability.CHAT,
    Capability.FIM,
    Capability.COMPLETIONS,
    Capability.RERANK,
    Capability.MODERATIONS,
    Capability.OCR,
    Capability.TRANSCRIPTION,
    Capability.SPEECH,
)

REMOVABLE = frozenset(
    {DataClass.PERSONAL, DataClass.NATIONAL_ID, DataClass.PAYMENT, DataClass.CREDENTIAL, DataClass.UNREADABLE}
)
"""What a caller can take out of a text. A marking or a secrecy is not among it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that could be otherwise: its name in both languages, and the question with it.

    One that is an analysis on record says which: they are put on record together, in one step.
    """

    en: str
    fr: str
    apply: Callable[[Question], Question]
    analysis: AnalysisKind | None = None


Test: TypeAlias = Callable[[Question], bool]
Names: TypeAlias = tuple[str, str]


def hints(
    snapshot: Snapshot, question: Question, candidates: Sequence[DestinationId], rulings: Sequence[Ruling]
) -> tuple[Hint, ...]:
    """Return what would help with a refusal of every candidate, as `rulings` say."""
    tried = _nearest(rulings)[:SHOWN]
    found = [*_elsewhere(snapshot, question, candidates), *_unkept(snapshot, question, candidates)]
    found += _otherwise(snapshot, question, {id_: _maskings(question) for id_ in tried}, _say_masked)
    found += _otherwise(snapshot, question, {id_: _removals(question) for id_ in tried}, _say_removed)
    found += _otherwise(snapshot, question, {id_: _records(snapshot, question, id_) for id_ in tried}, _say_recorded)
    return tuple(dict.fromkeys(found))


def _nearest(rulings: Sequence[Ruling]) -> list[DestinationId]:
    """Return the candidates in the order of how few rules refuse them: the first lack least."""
    fewest: dict[DestinationId, int] = {}
    for ruling in rulings:
        id_, number = ruling.choice.destination, len(ruling.reasons)
        fewest[id_] = min(number, fewest.get(id_, number))
    return sorted(fewest, key=fewest.__getitem__)


def hints_for_place(snapshot: Snapshot, question: Question, place: Place) -> tuple[Hint, ...]:
    """Return what would help when the gateway itself may not hold the data."""

    def holds(changed: Question) -> bool:
        return all(reason.mode is not Mode.ENFORCE for reason in snapshot.rulebook.hold(changed, place))

    needed = _smallest(_analyses(question), question, holds)
    if not needed:
        return ()
    en, fr = _named(needed)
    return (
        Hint(
            en=f"With {en} on record, the gateway may hold these data where it is.",
            fr=f"Avec, au dossier, {fr}, la passerelle peut détenir ces données là où elle est.",
        ),
    )


def _say_masked(what: Names, where: Names) -> Hint:
    return Hint(
        en=f"If {what[0]} stood where a surrogate can replace them, the request could go masked to {where[0]}.",
        fr=f"Si un substitut pouvait remplacer {what[1]}, la requête pourrait aller pseudonymisée vers {where[1]}.",
    )


def _say_removed(what: Names, where: Names) -> Hint:
    return Hint(
        en=f"Without {what[0]}, the request would be permitted to {where[0]}.",
        fr=f"Sans {what[1]}, la requête serait autorisée vers {where[1]}.",
    )


def _say_recorded(what: Names, where: Names) -> Hint:
    return Hint(
        en=f"With {what[0]} on record, the request would be permitted to {where[0]}.",
        fr=f"Avec, au dossier, {what[1]}, la requête serait autorisée vers {where[1]}.",
    )


# ------------------------------------------------------------------ elsewhere, as things are
def _elsewhere(snapshot: Snapshot, question: Question, candidates: Sequence[DestinationId]) -> Iterator[Hint]:
    """Name other destinations for the same kind of work that the rules permit now: as is, else masked."""
    work = _work(snapshot, question, candidates)
    asked = set(candidates)
    others = [d.id for d in snapshot.destinations.values() if d.id not in asked and work in d.capabilities]
    if question.tools:
        others = [id_ for id_ in others if recipients_of(snapshot, id_, question.tools) is not None]
    rulings = judged(snapshot, question, forms(question, others))
    for masked in (False, True):
        open_ = [r.choice.destination for r in rulings if r.permitted and r.choice.masked is masked]
        if open_:
            where = _where(open_[:SHOWN])
            yield Hint(
                en=f"{'Masked' if masked else 'As it is'}, the request is permitted to {where[0]}.",
                fr=f"{'Pseudonymisée' if masked else 'Telle quelle'}, la requête est autorisée vers {where[1]}.",
            )
            return


def _unkept(snapshot: Snapshot, question: Question, candidates: Sequence[DestinationId]) -> Iterator[Hint]:
    """Say where the same request could go if the provider kept nothing of it."""
    if not question.keeps:
        return
    rulings = judged(snapshot, replace(question, keeps=False), forms(question, candidates))
    open_ = list(dict.fromkeys(r.choice.destination for r in rulings if r.permitted))
    if open_:
        en, fr = _where(open_[:SHOWN])
        yield Hint(
            en=f"With `store` false, and the whole conversation in `input`, the request would be permitted to {en}.",
            fr=f"Avec `store` à false, et toute la conversation dans `input`, la requête serait autorisée vers {fr}.",
        )


def _work(snapshot: Snapshot, question: Question, candidates: Sequence[DestinationId]) -> Capability:
    """Say which kind of work is asked: what all candidates do, a chat if they all hold one."""
    if question.action is Action.EMBED:
        return Capability.EMBEDDINGS
    shared = [snapshot.destinations[id_].capabilities for id_ in candidates]
    common = frozenset.intersection(*shared) if shared else frozenset()
    return next((work for work in _WORKS if work in common), Capability.CHAT)


# ------------------------------------------------------------------ what could be otherwise
def _otherwise(
    snapshot: Snapshot,
    question: Question,
    changes: dict[DestinationId, list[Change]],
    say: Callable[[Names, Names], Hint],
) -> list[Hint]:
    """Find the fewest changes that open each candidate; destinations that need the same are said together."""
    opened: dict[Names, list[DestinationId]] = {}
    for id_, possible in changes.items():
        needed = _smallest(possible, question, partial(_permitted, snapshot, id_))
        if needed:
            opened.setdefault(_named(needed), []).append(id_)
    return [say(what, _where(where)) for what, where in opened.items()]


def _permitted(snapshot: Snapshot, id_: DestinationId, question: Question) -> bool:
    return any(ruling.permitted for ruling in judged(snapshot, question, forms(question, [id_])))


def _smallest(possible: Sequence[Change], question: Question, test: Test) -> list[Change]:
    """Return changes of which none can be left out, or none when even all together do not pass the test."""

    def passes(changes: Sequence[Change]) -> bool:
        changed = question
        for change in changes:
            if change.analysis is None:
                changed = change.apply(changed)
        kinds = [change.analysis for change in changes if change.analysis is not None]
        return test(_with_analyses(kinds, changed) if kinds else changed)

    needed = list(possible)
    if not needed or not passes(needed):
        return []
    for change in possible:
        without = [other for other in needed if other is not change]
        if passes(without):
            needed = without
    return needed


def _maskings(question: Question) -> list[Change]:
    """Changes by which a mask would cover what it does not. What is declared covers the whole text: no mask can."""
    if question.action is Action.EMBED:
        return []
    stuck = (question.classes & MASKED_FORM.keys()) - question.covered - question.application.declared
    return [_change(CLASS_NAMES[c], partial(_covering, c)) for c in sorted(stuck)]


def _removals(question: Question) -> list[Change]:
    removable = (question.classes & REMOVABLE) - question.application.declared
    return [_change(CLASS_NAMES[c], partial(_without, c)) for c in sorted(removable)]


def _records(snapshot: Snapshot, question: Question, id_: DestinationId) -> list[Change]:
    changes = _analyses(question)
    tools = recipients_of(snapshot, id_, question.tools) or ()
    parties = dict.fromkeys([snapshot.destinations[id_].provider, *(one.destination.provider for one in tools)])
    for provider in parties:
        if provider in question.application.organisation.contracts:
            continue
        names = (f"a processing contract with {provider}", f"un contrat de sous-traitance avec {provider}")
        changes.append(_change(names, partial(_with_contract, provider)))
    return changes


def _analyses(question: Question) -> list[Change]:
    known = question.application.on_record(date.min)
    return [
        Change(en=ANALYSIS_NAMES[k][0], fr=ANALYSIS_NAMES[k][1], apply=partial(_with_analyses, [k]), analysis=k)
        for k in AnalysisKind
        if k not in known
    ]


def _covering(data_class: DataClass, question: Question) -> Question:
    return replace(question, covered=question.covered | {data_class})


def _without(data_class: DataClass, question: Question) -> Question:
    return replace(question, classes=question.classes - {data_class})


def _with_analyses(kinds: Sequence[AnalysisKind], question: Question) -> Question:
    application = question.application
    more = (Analysis(kind=kind, reference="counterfactual", activities=HDS_ACTIVITIES) for kind in kinds)
    return replace(question, application=replace(application, analyses=(*application.analyses, *more)))


def _with_contract(provider: ProviderId, question: Question) -> Question:
    application = question.application
    organisation = replace(application.organisation, contracts=application.organisation.contracts | {provider})
    return replace(question, application=replace(application, organisation=organisation))


def _change(names: Names, apply: Callable[[Question], Question]) -> Change:
    return Change(en=names[0], fr=names[1], apply=apply)


def _named(changes: Sequence[Change]) -> Names:
    return joined([c.en for c in changes], "and"), joined([c.fr for c in changes], "et")


def _where(ids: Sequence[DestinationId]) -> Names:
    return joined(ids, "or"), joined(ids, "ou")
