"""`ecluse demo`: the main job on real input, from a checkout (the simulators are not part of the package)."""

import importlib.util
import runpy
import sys
from typing import Annotated

import typer

from ecluse.cli.common import Json, fail


def demo(
    *,
    json: Json = False,
    arguments: Annotated[list[str] | None, typer.Argument(help="Passed on to the demo.", hidden=True)] = None,
) -> None:
    """Start Ecluse before a real model and simulated providers, and show what goes where and why."""
    sys.path.insert(0, "")  # the checkout that one stands in
    if importlib.util.find_spec("demo") is None or importlib.util.find_spec("simulators") is None:
        fail("the demo runs from a checkout of the repository: `make demo` there sets everything up")
    sys.argv = ["demo", *(["--json"] if json else []), *(arguments or [])]
    runpy.run_module("demo", run_name="__main__")
