"""The compiled rules at work: the folded rules or Cedar decide, and what errs refuses.

Law: whatever cannot be answered is `policy_unavailable` and never a permit (INVARIANT 3). Until `agreement` has held
the folded rules against Cedar, and again from the first difference on, Cedar decides. Modes are applied to what fired,
so that the enforced rules alone decide and the others are told; the floor knows no mode.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from ecluse.domain.caller import Application, PolicyException
from ecluse.domain.destination import VAULT, Destination, DestinationId, Place
from ecluse.domain.errors import GatewayError
from ecluse.domain.finding import classes_after_masking
from ecluse.domain.misstated import Misstated
from ecluse.domain.verdict import Action, Choice, Mode, Question, Reason, RuleId, Ruling
from ecluse.passage.decide.cedar import ENGINE_ERRORS, Cedar, Engine
from ecluse.passage.decide.folded import Folded, facts_of, subset
from ecluse.passage.decide.memo import Memo
from ecluse.passage.decide.mistakes import meant
from ecluse.passage.decide.question import NOBODY, Asked, Fired, Standing, standing
from ecluse.passage.decide.rules import Rule

NO_PERMIT = RuleId("base.no_permit")
"""The rule that says in words that no base rule permits."""

REMEMBERED = 20_000
"""Answers of Cedar kept, the oldest dropped first."""

APPLICATIONS = 4_096
"""Applications of which the standing is kept."""

OUTCOMES = 128
"""Ways in which rules fire together, each under the modes of an organisation, of which the rulings are kept."""


class _Said(NamedTuple):
    """What a ruling says of what fired, under an organisation's modes, with the rulings made: as is, masked."""

    permits: tuple[RuleId, ...]
    enforced: tuple[Reason, ...]
    observed: tuple[Reason, ...]
    rulings: tuple[dict[DestinationId, Ruling], dict[DestinationId, Ruling]]

    def of(self, choice: Choice) -> Ruling:
        """Return the ruling on a choice."""
        ruling = self.rulings[choice.masked][choice.destination] = Ruling(
            choice, not self.enforced, self.permits, self.enforced, self.observed
        )
        return ruling


class CedarRulebook:
    """The rules over the facts of one day. Implements `domain.snapshot.Rulebook`."""

    def __init__(
        self,
        *,
        rules: Mapping[RuleId, Rule],
        engine: Engine,
        destinations: Mapping[DestinationId, Destination],
        today: date,
    ) -> None:
        self.rules = rules
        self.cedar = Cedar(engine)
        self.destinations = destinations
        self._facts = {id_: facts_of(destination) for id_, destination in destinations.items()}
        self._today = today
        self._folded: Folded | None = None
        self._distrusted = False
        self._fired: Memo[tuple[Standing, Asked, object], Fired] = Memo(REMEMBERED)
        self._outcomes: Memo[tuple[Fired, tuple[tuple[str, str], ...]], _Said] = Memo(OUTCOMES)
        self._standings: Memo[int, tuple[Application, Standing]] = Memo(APPLICATIONS)

    # ------------------------------------------------------------------ who decides
    @property
    def is_folded(self) -> bool:
        """Whether the folded rules decide."""
        return self._folded is not None

    def activate(self, folded: Folded) -> None:
        """Let the folded rules decide from now on. `agreement` calls this, and nothing else does."""
        self._folded = None if self._distrusted else folded

    def distrust(self) -> None:
        """Let Cedar decide from now on: the folded rules were seen to differ from it. Nothing activates them again."""
        self._distrusted = True
        self._folded = None

    def confirm(self, question: Question, choices: Sequence[Choice], places: Sequence[Place] = ()) -> bool:
        """Ask Cedar about some choices and places again, and say whether it has the same rules fire. Slow.

        Safe in a thread of its own: it remembers nothing. An engine that cannot answer does not confirm.
        """
        folded, caller = self._folded, standing(question, self._today)
        if folded is None:
            return True
        try:
            asked = [self._asked(question, choice) for choice in choices]
            theirs = self.cedar.evaluate(self.cedar.entities(caller, None), asked) if asked else []
            for place in places:
                theirs += self.cedar.evaluate(self.cedar.entities(caller, place), _held(question, place))
            ours = _folded_answers(folded, caller, question, [self.destinations[c.destination] for c in choices], asked)
            for place in places:
                ours += _folded_of_place(folded, caller, question, place)
        except (*ENGINE_ERRORS, GatewayError):
            return False
        return ours == theirs

    # ------------------------------------------------------------------ what they say
    def rule(self, question: Question, choices: Sequence[Choice]) -> tuple[Ruling, ...]:
        """Rule on each choice, in the order given. Raises GatewayError when the rules cannot answer."""
        answers = self._answers(question, choices)  # kept while they are told apart by their identity
        lifted = self._lifted(question.application)
        if lifted:
            pairs = zip(choices, answers, strict=True)
            return tuple(self._said(question, fired, lifted.get(c.destination, {})).of(c) for c, fired in pairs)
        modes = tuple(sorted(question.application.organisation.modes.items()))
        said: dict[int, _Said] = {}
        rulings: list[Ruling] = []
        for choice, fired in zip(choices, answers, strict=True):
            words = said.get(id(fired))
            if words is None:
                words = self._outcomes.get((fired, modes))
                if words is None:
                    words = self._said(question, fired, {})
                    self._outcomes.put((fired, modes), words)
                said[id(fired)] = words
            rulings.append(words.rulings[choice.masked].get(choice.destination) or words.of(choice))
        return tuple(rulings)

    def hold(self, question: Question, place: Place) -> tuple[Reason, ...]:
        """Return why `place` may not hold the data, nor keep them where it is the vault and is to.

        Reasons in another mode than enforce refuse nothing.
        """
        caller = self._standing(question)
        if self._folded is not None:
            answers = _guarded(self._folded, caller, question, place)
        else:
            answers = self._cedar_answers(caller, _held(question, place), place)
        reasons: list[Reason] = []
        for fired in answers:
            said = self._reasons(question, fired.forbids)
            if not fired.permits and not any(reason.mode is Mode.ENFORCE for reason in said):
                reasons.append(self.rules[NO_PERMIT].reason)
            reasons += said
        return tuple(reasons)

    def unchangeable(self, modes: Mapping[str, str]) -> tuple[str, ...]:
        """Name the rules among `modes` that have no mode to change: unknown ones, permits and the floor."""
        known = {id_ for id_, rule in self.rules.items() if not rule.permits and not rule.floor}
        return tuple(sorted(modes.keys() - known))

    def why_no_exception(self, exception: PolicyException, beside: Iterable[PolicyException] = ()) -> Misstated | None:
        """Say why a rule cannot be lifted so, `beside` what else its application has; None when it can."""
        rule = self.rules.get(RuleId(exception.rule))
        if rule is None:
            return Misstated(
                f"there is no rule {exception.rule!r}{meant(exception.rule, self.rules)} (docs/reference/rules.md)",
                f"aucune règle ne s'appelle {exception.rule!r} (docs/reference/rules.md)",
            )
        if rule.permits or rule.floor:
            return Misstated(
                f"rule {rule.id} permits or is of the hard floor; nothing lifts it",
                f"la règle {rule.id} autorise, ou appartient au socle ; rien ne la lève",
            )
        first = _first(exception, beside) if rule.together else exception.starts
        days = (exception.ends - first).days + 1
        if days > rule.exception_days:
            joined = first < exception.starts
            what = f"with those before it, from {first}," if joined else "it"
            quoi = f"avec celles d'avant, depuis le {first}," if joined else "elle"
            return Misstated(
                f"{what} lasts {days} days; an exception from {rule.id} lasts {rule.exception_days} at most",
                f"{quoi} dure {days} jours ; une dérogation à {rule.id} en dure {rule.exception_days} au plus",
            )
        unknown = exception.destinations - self.destinations.keys()
        if not unknown:
            return None
        name = min(unknown)
        return Misstated(f"there is no destination {name!r} in use", f"aucune destination {name!r} n'est en service")

    def _lifted(self, application: Application) -> Mapping[DestinationId, Mapping[RuleId, str]]:
        """Return by destination the rules that an exception lifts, each with the exception's id."""
        found: dict[DestinationId, dict[RuleId, str]] = {}
        for exception in application.exceptions:
            if exception.in_force(self._today) and self.why_no_exception(exception, application.exceptions) is None:
                for destination in exception.destinations:
                    found.setdefault(destination, {})[RuleId(exception.rule)] = exception.id
        return found

    def _said(self, question: Question, fired: Fired, lifted: Mapping[RuleId, str]) -> _Said:
        reasons = self._reasons(question, fired.forbids)
        if lifted:
            reasons = [self.rules[r.rule].excepted(lifted[r.rule]) if r.rule in lifted else r for r in reasons]
        enforced = tuple([reason for reason in reasons if reason.mode is Mode.ENFORCE])
        if not fired.permits and not enforced:
            enforced = (self.rules[NO_PERMIT].reason,)
        return _Said(fired.permits, enforced, tuple([r for r in reasons if r.mode is not Mode.ENFORCE]), ({}, {}))

    def _reasons(self, question: Question, fired: Sequence[RuleId]) -> list[Reason]:
        modes = question.application.organisation.modes
        told = [(rule, modes.get(id_)) for id_ in fired if not (rule := self.rules[id_]).opt_in or id_ in modes]
        try:
            return [rule.reason if stated is None else rule.in_mode(stated) for rule, stated in told]
        except ValueError as error:
            raise GatewayError("policy_unavailable", "a rule has a mode that does not exist") from error

    # ------------------------------------------------------------------ the question
    def _standing(self, question: Question) -> Standing:
        """Return the caller's standing; it is kept for as long as its record is the same object."""
        application = question.application
        kept = self._standings.get(id(application))
        if kept is not None and kept[0] is application:
            return kept[1]
        caller = standing(question, self._today)
        self._standings.put(id(application), (application, caller))
        return caller

    def _asked(self, question: Question, choice: Choice) -> Asked:
        if choice.destination not in self.destinations:
            raise GatewayError("policy_unavailable", "a destination has no facts on record")
        covered = question.covered if choice.masked else frozenset()
        return Asked(
            kind="Destination",
            name=choice.destination,
            action=question.action,
            purpose=question.purpose,
            classes=classes_after_masking(question.classes, covered),
        )

    # ------------------------------------------------------------------ the answers
    def _answers(self, question: Question, choices: Sequence[Choice]) -> list[Fired]:
        caller = self._standing(question)
        if self._folded is None:
            return self._cedar_answers(caller, [self._asked(question, choice) for choice in choices])
        try:
            return self._folded_choices(self._folded, caller, question, choices)
        except ENGINE_ERRORS as error:
            raise GatewayError("policy_unavailable", "the rules could not be evaluated") from error

    def _folded_choices(
        self, folded: Folded, caller: Standing, question: Question, choices: Sequence[Choice]
    ) -> list[Fired]:
        """Answer from the folded rules."""
        forms = (subset(question.classes), subset(classes_after_masking(question.classes, question.covered)))
        view = folded.view(caller, question.action, question.purpose)
        try:
            facts = [self._facts[choice.destination] for choice in choices]
        except KeyError as error:
            raise GatewayError("policy_unavailable", "a destination has no facts on record") from error
        return [view[told][forms[choice.masked]] for told, choice in zip(facts, choices, strict=True)]

    def _cedar_answers(self, caller: Standing, asked: Sequence[Asked], place: Place | None = None) -> list[Fired]:
        told = None if place is None else (place.established, place.non_eu_share_max)
        known: dict[Asked, Fired] = {}
        for one in asked:
            remembered = self._fired.get((caller, one, told))
            if remembered is not None:
                known[one] = remembered
        missing = list(dict.fromkeys(one for one in asked if one not in known))
        if missing:
            try:
                found = self.cedar.fired(caller, missing, place)
                for one, fired in zip(missing, found, strict=True):
                    known[one] = fired
                    self._fired.put((caller, one, told), fired)
            except ENGINE_ERRORS as error:
                raise GatewayError("policy_unavailable", "the engine of the rules failed") from error
        return [known[one] for one in asked]


def _first(exception: PolicyException, beside: Iterable[PolicyException]) -> date:
    """Return the first day of an exception and of those from the same rule, towards a destination of its own."""
    same = (one for one in beside if one.rule == exception.rule and one.destinations & exception.destinations)
    return min([exception.starts, *(one.starts for one in same)])


def _held(question: Question, place: Place) -> list[Asked]:
    """Ask whether a place may hold the data, and of the vault, where it is to keep them, whether it may (`store`)."""
    hold = Asked(kind="Place", name=place.id, action=Action.HOLD, purpose=question.purpose, classes=question.classes)
    if not question.stays or place.role != VAULT:
        return [hold]
    return [hold, replace(hold, kind="Destination", action=Action.STORE)]


def _guarded(folded: Folded, caller: Standing, question: Question, place: Place) -> list[Fired]:
    try:
        return _folded_of_place(folded, caller, question, place)
    except ENGINE_ERRORS as error:
        raise GatewayError("policy_unavailable", "the rules could not be evaluated") from error


def _folded_of_place(folded: Folded, caller: Standing, question: Question, place: Place) -> list[Fired]:
    """Answer what is asked of a place: of the vault as who keeps, its facts are those of a destination."""
    asked = _held(question, place)
    answers = _folded_answers(folded, caller, question, [place], asked[:1])
    for one in asked[1:]:
        view = folded.view(caller, one.action, question.purpose)
        answers.append(view[(NOBODY, *facts_of(place)[1:])][subset(one.classes)])
    return answers


def _folded_answers(
    folded: Folded, caller: Standing, question: Question, things: Sequence[Destination | Place], asked: Sequence[Asked]
) -> list[Fired]:
    """Answer questions as they are asked of Cedar, one by one."""
    answers: list[Fired] = []
    for thing, one in zip(things, asked, strict=True):
        view = folded.view(caller, one.action, question.purpose)
        answers.append(view[facts_of(thing)][subset(one.classes)])
    return answers
