"""`ecluse rules`: a change of the rules from its draft to its publication, and the history of all of them.

Law: one person writes, another approves exactly what was read, and what is published was proven just before. The
console's page does the same by the same functions. Exit code 2 when a step is refused; `show DRAFT` leaves with 1 when
the draft cannot be published as it is.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from ecluse.app import clock, grounds
from ecluse.cli.common import DEFAULT_CONFIG, Config, Json, fail, print_json, settings_of
from ecluse.cli.decisions import By, Role
from ecluse.cli.diff import lines as diff_lines
from ecluse.cli.diff import term_lines
from ecluse.cli.diff import told as told_difference
from ecluse.cli.past import past_of
from ecluse.cli.simulate import WORDS
from ecluse.domain.errors import EcluseError
from ecluse.domain.verdict import Mode
from ecluse.edge.amendment import Amendment
from ecluse.edge.amendments.office import Office, Who
from ecluse.edge.amendments.weighing import Weighed
from ecluse.edge.bygone import counted
from ecluse.edge.chain import DocketUnusable
from ecluse.edge.drafts import Draft, DraftStep
from ecluse.edge.stores.errors import StoreError
from ecluse.prove.simulate import Simulated

app = typer.Typer(help="Draft, weigh, approve and publish a change of the rules.", no_args_is_help=True)
Named = Annotated[str, typer.Argument(metavar="DRAFT", help="The draft, as R-0123456789.")]
LEAST = 12
"""Digits of a content's hash that name it on the command line."""


def _office(config: Path) -> Office:
    settings = settings_of(config)
    try:
        return Office(settings, grounds(settings), clock(settings).now())
    except (ValueError, OSError, EcluseError) as error:
        fail(str(error))


@app.command()
def draft(
    *,
    reason: Annotated[str, typer.Option(help="Why, in a sentence. It stays beside the trail.")],
    by: By,
    role: Role,
    mode: Annotated[
        list[str], typer.Option("--mode", help="A mode, as ORGANISATION:RULE=observe|warn|enforce|settings.")
    ] = [],  # noqa: B006 - typer reads it and never writes it
    pack: Annotated[Path | None, typer.Option(help="A file of rules to add, or to write anew.")] = None,
    organisation: Annotated[
        str, typer.Option("--for", help="For which organisation the pack is; for everybody if absent.")
    ] = "",
    without_pack: Annotated[str, typer.Option(help="A published pack to take away, by name.")] = "",
    restore: Annotated[str, typer.Option(help="Go back to what was in force before this draft was published.")] = "",
    revise: Annotated[str, typer.Option(help="An open draft to write anew; an approval of it is void.")] = "",
    config: Config = DEFAULT_CONFIG,
    json: Json = False,
) -> None:
    """Keep a draft of a change. Nothing changes before another person approved it and it was published."""
    office = _office(config)
    try:
        content = office.before(restore) if restore else office.draft(revise).content if revise else office.standing
        for stated in mode:
            content = content.with_mode(*_mode(stated))
        if without_pack:
            content = office.without_pack(content, without_pack)
        if pack is not None:
            content = office.composed(content, organisation, pack.stem, pack.read_text(encoding="utf-8"))
        written = office.write(content, reason, Who(name=by, role=role), revise)
    except (ValueError, OSError) as error:
        fail(str(error))
    if json:
        print_json(told(office.draft(written.draft), office))
        return
    typer.echo(f"{written.draft} is kept. Read it: ecluse rules show {written.draft}")
    typer.echo(f"Another person approves it: ecluse rules approve {written.draft} --content {written.hash[:LEAST]}")


@app.command()
def show(
    name: Annotated[str | None, typer.Argument(metavar="DRAFT", help="A draft; what is published if absent.")] = None,
    *,
    settings: Annotated[
        bool, typer.Option("--settings", help="Write it as settings, for each of your replicas.")
    ] = False,
    days: Annotated[int, typer.Option(min=1, max=366, help="Days of past requests that are asked again.")] = 30,
    config: Config = DEFAULT_CONFIG,
    json: Json = False,
) -> None:
    """Show what is published; or a draft, its difference, its proofs, and what past requests would have met."""
    office = _office(config)
    try:
        found = office.draft(name) if name else None
        content = found.content if found else office.standing
        if settings:
            typer.echo("\n".join(as_settings(office, content)))
            return
        reviews = office.under(content).policies.reviews
        weighed = office.weigh(content) if found else ()
        simulated = _simulated(office, content, days) if found else None
    except (ValueError, OSError, EcluseError, StoreError) as error:
        fail(str(error))
    newly = {one.organisation: list(one.newly) for one in weighed if one.newly}
    document: dict[str, Any] = told(found, office) if found else {"draft": None, "content": content.hash}
    document |= {"modes": content.modes, "packs": content.packs}
    document["reviews"] = {name: review.told for name, review in sorted(reviews.items())}
    if simulated is not None:
        document |= {"weighed": [_weighed(one) for one in weighed], "past": _past(simulated), "in_the_way": newly}
    if json:
        print_json(document)
    else:
        typer.echo("\n".join([*_content(content), *(_lines(weighed, simulated) if simulated else ())]))
        typer.echo("\n".join(f"{name}.cedar: {review.en}" for name, review in sorted(reviews.items())))
    if newly:
        raise typer.Exit(1)


@app.command()
def approve(
    name: Named,
    *,
    content: Annotated[str, typer.Option(help=f"The hash of what you read, at least {LEAST} digits of it.")],
    by: By,
    role: Role,
    config: Config = DEFAULT_CONFIG,
    json: Json = False,
) -> None:
    """Approve exactly what you read of a draft that another person wrote."""
    office = _office(config)
    try:
        said = office.draft(name).content.hash
        read = said if len(content) >= LEAST and said.startswith(content) else content
        _done(office.approve(name, read, Who(name=by, role=role)), json=json)
    except ValueError as error:
        fail(str(error))


@app.command()
def publish(name: Named, *, by: By, role: Role, config: Config = DEFAULT_CONFIG, json: Json = False) -> None:
    """Put an approved draft in force; it is proven once more before, which takes seconds."""
    try:
        _done(_office(config).publish(name, Who(name=by, role=role)), json=json)
    except (ValueError, EcluseError) as error:
        fail(str(error))


@app.command()
def withdraw(name: Named, *, by: By, role: Role, config: Config = DEFAULT_CONFIG, json: Json = False) -> None:
    """Put a draft aside."""
    try:
        _done(_office(config).withdraw(name, Who(name=by, role=role)), json=json)
    except ValueError as error:
        fail(str(error))


@app.command()
def history(*, config: Config = DEFAULT_CONFIG, json: Json = False) -> None:
    """List every draft, the newest first: who did what, when and why, and the snapshots before and after."""
    office = _office(config)
    try:
        drafts = office.drafts()
    except ValueError as error:
        fail(str(error))
    if json:
        print_json([told(one, office) for one in drafts])
        return
    for one in drafts:
        waits = "" if one.trailed else " (not on the trail yet)"
        old = " (other rules are in force since)" if one.state in {"open", "approved"} and office.outdated(one) else ""
        typer.echo(f"{one.id} {one.state}{waits}{old}: {one.written.reason}")
        for step in one.steps:
            moved = f", snapshot {step.left[:LEAST]} to {step.entered[:LEAST]}" if step.entered else ""
            typer.echo(f"  {step.at} {step.act} {step.hash[:LEAST]} by {step.name} ({step.role}){moved}")
    if not drafts:
        typer.echo("No change of the rules was drafted.")


def told(one: Draft, office: Office) -> dict[str, Any]:
    """Return a draft as a document."""
    return {
        "draft": one.id,
        "state": one.state,
        "on_trail": one.trailed,
        "outdated": one.state in {"open", "approved"} and office.outdated(one),
        "content": one.content.hash,
        "reason": one.written.reason,
        "steps": [
            {
                "act": step.act.value,
                "at": step.at,
                "by": step.name,
                "role": step.role,
                "content": step.hash,
                "before": step.left or None,
                "after": step.entered or None,
            }
            for step in one.steps
        ],
    }


def as_settings(office: Office, content: Amendment) -> Iterator[str]:
    """Write what an amendment comes to as lines of the settings, and its packs as files to put beside them."""
    for one in office.under(content).settings.organisations:
        if one.id in content.modes:
            pairs = ", ".join(f'"{rule}" = "{mode}"' for rule, mode in sorted(one.modes.items()))
            yield f'# [[organisations]] id = "{one.id}"\nmodes = {{ {pairs} }}'
    for name, text in sorted(content.packs.items()):
        yield f"# {name}.cedar, in a folder of rules.folders\n{text}"


def _mode(stated: str) -> tuple[str, str, Mode | None]:
    organisation, _, rest = stated.partition(":")
    rule, _, mode = rest.partition("=")
    if mode != "settings" and mode not in set(Mode):
        raise DocketUnusable(f"--mode {stated}: write ORGANISATION:RULE=observe, warn, enforce or settings")
    return organisation, rule, None if mode == "settings" else Mode(mode)


def _simulated(office: Office, content: Amendment, days: int) -> Simulated:
    since = datetime.combine(office.today - timedelta(days=days - 1), datetime.min.time(), UTC)
    try:
        asked = counted(office.old.matters, past_of(office.state, since, None))
    except StoreError:  # nothing has passed yet
        asked = Counter()
    return office.simulate(content, asked)


def _done(step: DraftStep, *, json: bool) -> None:
    if json:
        print_json({"draft": step.draft, "act": step.act.value, "at": step.at, "content": step.hash,
                    "before": step.left or None, "after": step.entered or None})  # fmt: skip
        return
    typer.echo(f"{step.draft} is {step.act}.")
    if step.entered:
        typer.echo(
            "It counts once the gateway has put it on its trail: seconds when it serves, else at its next start."
        )


def _weighed(one: Weighed) -> dict[str, Any]:
    return {
        "organisation": one.organisation,
        **told_difference(one.difference, fr=False),
        "rules": [asdict(term) for term in one.terms],
        "invariants": len(one.shown.invariants),
        "broken": [str(broken.invariant.id) for broken in one.shown.broken],
        "classes_that_widen": [item.data_class.value for item in one.shown.widening],
        "newly_broken": list(one.newly),
    }


def _past(simulated: Simulated) -> dict[str, Any]:
    return {
        "fates": {fate.value: number for fate, number in simulated.counts.items()},
        "not_asked": simulated.left,
        "changes": [
            {
                "application": one.past.application,
                "classes": sorted(c.value for c in one.past.found | one.past.declared),
                "fate": one.fate.value,
                "decisions": one.passages,
            }
            for one in simulated.changed
        ],
    }


def _content(content: Amendment) -> Iterator[str]:
    yield f"content {content.hash}"
    for organisation, modes in sorted(content.modes.items()):
        yield from (f"{organisation}: {rule} = {mode}" for rule, mode in sorted(modes.items()))
    yield from (f"pack {name}.cedar, {text.count('forbid')} rules" for name, text in sorted(content.packs.items()))
    if not content.modes and not content.packs:
        yield "Nothing beside the settings: the rules are those of the files."


def _lines(weighed: Sequence[Weighed], simulated: Simulated) -> Iterator[str]:
    for one in weighed:
        document = {"date": one.organisation, **told_difference(one.difference, fr=False)}
        yield from (*diff_lines(document, "en"), *term_lines(one.terms, "en"))
        kept = len(one.shown.invariants) - len(one.shown.broken)
        yield f"{one.organisation}: {kept} of {len(one.shown.invariants)} invariants hold"
        yield from (f"  NEWLY BROKEN: {name}: this cannot be published" for name in one.newly)
    for fate, number in simulated.counts.items():
        yield f"{number:>8}  {WORDS[fate][0]}"
    if simulated.left:
        yield f"{simulated.left:>8}  not asked again: time was up"
