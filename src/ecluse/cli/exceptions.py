"""`ecluse exceptions`: the rules that are lifted, for whom, by whom and until when.

Law: an exception is made in the settings, by two persons; this only shows and checks. Exit code 1 when one has ended or
ends within the days asked for, so that a calendar can watch it.
"""

from datetime import timedelta
from typing import Annotated, Any

import typer

from ecluse.app import clock, snapshot
from ecluse.cli.common import DEFAULT_CONFIG, Config, Json, fail, print_json, settings_of
from ecluse.domain.caller import PolicyException
from ecluse.edge.clock import day_of
from ecluse.edge.config import SettingsError
from ecluse.packs.errors import PackError
from ecluse.passage.decide import RuleRefused

app = typer.Typer(help="Show the rules that are lifted, for whom and until when.", no_args_is_help=True)


@app.command("list")
def list_exceptions(
    *,
    config: Config = DEFAULT_CONFIG,
    within: Annotated[int, typer.Option(help="Days before its end from which an exception counts as ending.")] = 30,
    json: Json = False,
) -> None:
    """List the exceptions of the settings, checked against the rules; leave with 1 when one ends soon or has ended."""
    settings = settings_of(config)
    try:
        snapshot(settings)  # refuses an exception that no rule can have
    except (SettingsError, PackError, RuleRefused, ValueError) as error:
        fail(str(error))
    today = day_of(clock(settings).now())
    found: list[dict[str, Any]] = []
    for application in settings.applications.values():
        for one in application.exceptions:
            state = "coming" if today < one.starts else "in force" if one.in_force(today) else "ended"
            soon = today + timedelta(days=within) >= one.ends
            found.append({"application": application.id, **_told(one), "state": state, "ends_soon": soon})
    if json:
        print_json(found)
    else:
        typer.echo("\n".join(_line(row) for row in found) or "No rule is lifted for anybody.")
    if any(row["ends_soon"] for row in found):
        raise typer.Exit(1)


def _told(one: PolicyException) -> dict[str, Any]:
    return {
        "exception": one.id,
        "rule": one.rule,
        "ground": one.ground,
        "requested_by": one.requested_by,
        "approved_by": one.approved_by,
        "starts": one.starts.isoformat(),
        "ends": one.ends.isoformat(),
        "destinations": sorted(one.destinations),
    }


def _line(row: dict[str, Any]) -> str:
    what = f"{row['application']} without {row['rule']} to {', '.join(row['destinations'])}"
    who = f"{row['ground']} ({row['requested_by']}, {row['approved_by']})"
    return f"{row['exception']} {row['state']}, {row['starts']} to {row['ends']}: {what}. {who}"
