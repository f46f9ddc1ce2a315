"""`ecluse demo`: the main job, or a world of a month, from a checkout (the simulators are not part of the package)."""

import importlib.util
import runpy
import sys
from typing import Annotated, Literal

import typer

from ecluse.cli.common import Json, fail

WORLDS = Literal["dpo", "rssi", "collectivite", "banque"]


def demo(
    *,
    as_: Annotated[
        WORLDS | None, typer.Option("--as", help="Keep a world of a month up instead, with a tour of three minutes.")
    ] = None,
    passages: Annotated[
        int | None, typer.Option(min=1, help="About how many requests the month of `--as` has.")
    ] = None,
    port: Annotated[
        int | None, typer.Option(help="The port of the gateway of `--as`; the console's is 2 more.")
    ] = None,
    json: Json = False,
    arguments: Annotated[list[str] | None, typer.Argument(help="Passed on to the demo.", hidden=True)] = None,
) -> None:
    """Start Ecluse before a real model and simulated providers, and show what goes where and why."""
    sys.path.insert(0, "")  # the checkout that one stands in
    if importlib.util.find_spec("demo") is None or importlib.util.find_spec("simulators") is None:
        fail("the demo runs from a checkout of the repository: `make demo` there sets everything up")
    given = arguments or []
    if as_ is None:
        if passages is not None or port is not None:
            fail("--passages and --port are of a world: add --as dpo, rssi, collectivite or banque")
        sys.argv = ["demo", *(["--json"] if json else []), *given]
        runpy.run_module("demo", run_name="__main__")
        return
    if json:
        fail("a world of --as keeps running and has no JSON document; leave --json out")
    options = {"--passages": passages, "--port": port}
    stated = [word for name, value in options.items() if value is not None for word in (name, str(value))]
    sys.argv = ["demo.worlds", as_, *stated, *given]
    runpy.run_module("demo.worlds", run_name="__main__", alter_sys=True)
