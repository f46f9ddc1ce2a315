"""Where rules are drafted, weighed, approved and published, for the console and the command line alike.

Law: what is published was approved as it is, over the rules that are in force, builds a snapshot of today, and breaks
no invariant that those rules keep, unless it restores what was in force once; all of that is looked at again at the
moment of publication. It counts once the gateway has put it on its trail.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ecluse.domain.snapshot import Instant, Snapshot
from ecluse.edge.amendment import NOTHING, Amendment, rules_id, under
from ecluse.edge.amendments.weighing import Progress, Weighed, in_the_way, simulate, weigh
from ecluse.edge.bygone import Bygone
from ecluse.edge.chain import DocketUnusable
from ecluse.edge.clock import day_of
from ecluse.edge.config import Settings
from ecluse.edge.drafts import Act, Draft, DraftStep
from ecluse.edge.facts import policies_of
from ecluse.edge.snapshots import Grounds, build
from ecluse.edge.stores.beside import any_drafts, drafts_of
from ecluse.passage.decide.compile import read_packs
from ecluse.prove.confirm import EngineDisagrees
from ecluse.prove.past import Asked
from ecluse.prove.residual import NotProvable
from ecluse.prove.simulate import Simulated


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """Who acts, in which role; `person` is the mark of who signed in."""

    name: str
    role: str
    person: str = ""


def published(state: Path) -> Amendment:
    """Return what is published over the settings' rules. No secret is made for a directory that has no drafts."""
    return drafts_of(state).in_force() if any_drafts(state) else NOTHING


def as_published(read: Grounds) -> Grounds:
    """Return grounds that were read from files with what is published over them."""
    settings = read.settings
    return under(read, settings, read.policies, published(Path(settings.gateway.state_dir)))


class Office:
    """The drafts over the settings of the files. `base` are grounds of these settings, under whatever amendment."""

    def __init__(self, settings: Settings, base: Grounds, now: Instant) -> None:
        self.settings = settings
        self.state = Path(settings.gateway.state_dir)
        self.now = now
        self._base = base
        self._sources = policies_of(settings.rules)
        self.standing = published(self.state)
        self.old = self.under(self.standing)

    @property
    def today(self) -> date:
        """The day of the facts."""
        return day_of(self.now)

    def under(self, content: Amendment) -> Grounds:
        """Return grounds as they would be. Raises SettingsError."""
        return under(self._base, self.settings, self._sources, content)

    def drafts(self) -> Sequence[Draft]:
        """Return every draft, the newest first."""
        return drafts_of(self.state).drafts()[::-1] if any_drafts(self.state) else ()

    def draft(self, id_: str) -> Draft:
        """Return one draft. Raises DocketUnusable."""
        found = next((one for one in self.drafts() if one.id == id_), None)
        if found is None:
            raise DocketUnusable(
                f"there is no draft {id_!r}; `ecluse rules history` shows them",
                f"aucun brouillon {id_!r} ; `ecluse rules history` les montre",
            )
        return found

    def outdated(self, draft: Draft) -> bool:
        """Say whether other rules are in force than those that a draft was written over."""
        return draft.written.over != rules_id(self.old)

    # ------------------------------------------------------------------ what is written
    def composed(self, content: Amendment, organisation: str, pack: str, text: str) -> Amendment:
        """Return the content with a pack: for one organisation, whose modes then name its rules, or for everybody.

        Raises RuleRefused with file, line and what to write, or DocketUnusable.
        """
        made = content.with_pack(pack, text)
        if not organisation:
            return made
        sources = self.under(made).policies
        rules = [rule for rule in read_packs(sources.schema, sources.policies).values() if rule.pack == pack]
        if public := [rule for rule in rules if not rule.opt_in]:
            first = public[0]
            raise DocketUnusable(
                f'{pack}.cedar:{first.line}: write @opt_in("true") on {first.id}, or it would hold for everybody',
                f'{pack}.cedar:{first.line} : écrivez @opt_in("true") sur {first.id}, sinon elle vaut pour tous',
            )
        for rule in rules:
            made = made.with_mode(organisation, rule.id, rule.reason.mode)
        return made

    def without_pack(self, content: Amendment, pack: str) -> Amendment:
        """Return the content without a published pack, and without the modes of its rules."""
        sources = self.under(content).policies
        gone = {rule.id for rule in read_packs(sources.schema, sources.policies).values() if rule.pack == pack}
        made = content.with_pack(pack, None)
        for organisation, modes in content.modes.items():
            for rule in gone & modes.keys():
                made = made.with_mode(organisation, rule, None)
        return made

    def check(self, content: Amendment) -> Snapshot:
        """Build the snapshot of today under some content. Raises ValueError with what to write instead."""
        known = {one.id: one for one in self.settings.organisations}
        if unknown := content.modes.keys() - known.keys():
            raise DocketUnusable(
                f"no organisation {min(unknown)!r}; there are: {', '.join(known)}",
                f"aucune organisation {min(unknown)!r} ; il y a : {', '.join(known)}",
            )
        return build(self.under(content), self.today)

    def write(self, content: Amendment, reason: str, who: Who, draft: str = "") -> DraftStep:
        """Keep a draft, or what it says from now on. Raises ValueError."""
        if content.hash == self.standing.hash:
            raise DocketUnusable(
                "that is what is in force: a draft changes something",
                "c'est ce qui est en vigueur : un brouillon change quelque chose",
            )
        self.check(content)
        over = rules_id(self.old)
        step = DraftStep(
            draft=draft, act=Act.WRITTEN, reason=reason.strip(), content=content, hash=content.hash, over=over,
            name=who.name, role=who.role, person=who.person,
        )  # fmt: skip
        return drafts_of(self.state).write(step, self.now)

    # ------------------------------------------------------------------ what is decided
    def approve(self, draft: str, content: str, who: Who) -> DraftStep:
        """Approve what has this hash. Raises DocketUnusable, also for a draft over other rules than those in force."""
        if self.outdated(self.draft(draft)):
            raise DocketUnusable(
                f"{draft} was written over other rules than those in force: write it anew",
                f"{draft} a été écrit sur d'autres règles que celles en vigueur : écrivez-le à nouveau",
            )
        return drafts_of(self.state).approve(
            draft, content, name=who.name, role=who.role, person=who.person, now=self.now
        )

    def withdraw(self, draft: str, who: Who) -> DraftStep:
        """Put a draft aside. Raises DocketUnusable."""
        return drafts_of(self.state).withdraw(draft, name=who.name, role=who.role, person=who.person, now=self.now)

    def weigh(self, content: Amendment, progress: Progress = lambda _done, _of: None) -> Sequence[Weighed]:
        """Compare and prove some content against what is in force. Raises ValueError when nothing can be said."""
        try:
            return weigh(self.old, self.under(content), self.today, progress)
        except (NotProvable, EngineDisagrees) as error:
            raise DocketUnusable(
                f"nothing is proven of it, so it cannot be published: {error}",
                f"rien n'en est prouvé, il ne peut donc pas être publié : {error}",
            ) from error

    def simulate(
        self, content: Amendment, asked: Mapping[Asked, int], progress: Progress = lambda _done, _of: None
    ) -> Simulated:
        """Ask past requests under what is in force and under some content. For a thread; raises as `simulate`."""
        return simulate(Bygone(self.old).at, Bygone(self.under(content)).at, asked, progress)

    def publish(self, draft: str, who: Who, progress: Progress = lambda _done, _of: None) -> DraftStep:
        """Put a draft in force: it is proven once more before. For a thread; raises ValueError or GatewayError."""
        found = self.draft(draft)
        after = self.check(found.content)
        broken = in_the_way(self.weigh(found.content, progress))
        if broken and not self.restores(found.content):
            told = "; ".join(f"{name}: {', '.join(those)}" for name, those in broken.items())
            raise DocketUnusable(
                f"{draft} breaks what the rules in force keep ({told}): it cannot be published",
                f"{draft} enfreint ce que les règles en vigueur respectent ({told}) : il ne peut pas être publié",
            )
        step = DraftStep(
            draft=draft, act=Act.PUBLISHED, hash=found.content.hash, over=rules_id(self.old),
            name=who.name, role=who.role, person=who.person,
            left=build(self.old, self.today).id, entered=after.id,
        )  # fmt: skip
        return drafts_of(self.state).publish(step, self.standing.hash, self.now)

    def restores(self, content: Amendment) -> bool:
        """Say whether some content was in force once: a way back is open, whatever it breaks, and that is told."""
        published = drafts_of(self.state).publications() if any_drafts(self.state) else ()
        return bool(published) and content.hash in {NOTHING.hash, *(step.hash for step, _ in published)}

    def before(self, publication: str) -> Amendment:
        """Return what was in force before a draft was published, so that it can be restored. Raises DocketUnusable."""
        previous = NOTHING
        for step, content in drafts_of(self.state).publications() if any_drafts(self.state) else ():
            if step.draft == publication:
                return previous
            previous = content
        raise DocketUnusable(
            f"{publication} was not published, so there is nothing to go back to",
            f"{publication} n'a pas été publié : il n'y a rien à quoi revenir",
        )
