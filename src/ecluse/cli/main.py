"""`ecluse`: the commands, each in its own file.

Law: errors go to standard error with what to do next; `--json` prints one JSON document and nothing else.
"""

from importlib.metadata import version as version_of
from typing import Annotated

import typer

from ecluse.cli import (
    admin,
    assess,
    capture,
    classify,
    console,
    contests,
    demo,
    diff,
    doctor,
    drill,
    exceptions,
    explain,
    exposure,
    incident,
    keys,
    mask,
    migrate,
    presidio,
    prove,
    recognition,
    registry,
    registry_changes,
    registry_import,
    registry_packs,
    report,
    route,
    rules,
    serve,
    simulate,
    state,
    trail,
    unmask,
    usage,
    witness,
)

app = typer.Typer(
    name="ecluse",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _tell_version(asked: bool) -> None:  # noqa: FBT001 - typer gives it by position
    if asked:
        typer.echo(f"ecluse {version_of('ecluse')}")
        raise typer.Exit


@app.callback()
def ecluse(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """A sovereign AI gateway: each request leaves only for a destination that the rules permit."""


app.command("serve")(serve.serve)
app.command("console")(console.console)
app.command("demo")(demo.demo)
app.command("classify")(classify.classify)
app.command("assess")(assess.assess)
app.command("presidio")(presidio.presidio)
app.command("mask")(mask.mask)
app.command("unmask")(unmask.unmask)
app.command("explain")(explain.explain)
app.command("exposure")(exposure.exposure)
app.command("prove")(prove.prove)
app.command("diff")(diff.diff)
app.command("doctor")(doctor.doctor)
app.command("drill")(drill.drill)
app.command("report")(report.report)
app.command("simulate")(simulate.simulate)
app.command("incident")(incident.incident)
app.command("migrate")(migrate.migrate)
app.command("usage")(usage.usage)
app.add_typer(admin.app, name="admin")
app.add_typer(capture.app, name="capture")
app.add_typer(contests.app, name="contests")
app.add_typer(exceptions.app, name="exceptions")
app.add_typer(keys.app, name="keys")
registry.app.command("diff")(registry_changes.diff)
registry.app.command("watch")(registry_changes.watch)
registry.app.add_typer(registry_import.app, name="import")
registry.app.command("export")(registry_packs.export)
registry.app.command("sign")(registry_packs.sign)
registry.app.command("verify")(registry_packs.verify)
app.add_typer(recognition.app, name="recognition")
app.add_typer(registry.app, name="registry")
app.add_typer(route.app, name="route")
app.add_typer(rules.app, name="rules")
app.add_typer(state.app, name="state")
app.add_typer(trail.app, name="trail")
app.add_typer(witness.app, name="witness")


def main() -> None:
    """Run the command line."""
    app()
