"""Writes acts for people: tables in a terminal, plain lines elsewhere.

Law: it computes nothing; what it writes is in the act.
"""

import json
import sys
from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from demo.checks import Act, Check
from demo.checks import Table as Verdicts

WIDTH = 118
"""Columns when there is no terminal to ask."""
INDENT = 2
QUOTE = "| "
COLOURS = {"as is": "green", "masked": "yellow", "refused": "red"}


class Stage:
    """Where the demo is shown. With `quiet`, nothing is: for a program that reads the JSON."""

    def __init__(self, *, quiet: bool = False) -> None:
        terminal = sys.stdout.isatty()
        self._console = Console(quiet=quiet, highlight=False, width=None if terminal else WIDTH, soft_wrap=False)
        self._progress = Console(stderr=True, quiet=quiet, highlight=False, soft_wrap=True)
        self._count = 0

    def step(self, words: str) -> None:
        """Say what is being done now."""
        self._progress.print(f"[dim]... {escape(words)}[/dim]")

    def say(self, words: str) -> None:
        """Write words as they are, lines kept whole."""
        self._console.print(escape(words), soft_wrap=True)

    def warn(self, words: str) -> None:
        """Say what went wrong, whether quiet or not."""
        Console(stderr=True, highlight=False, soft_wrap=True).print(f"demo: {escape(words)}")

    def document(self, told: Mapping[str, Any]) -> None:
        """Write one JSON document and nothing else."""
        sys.stdout.write(json.dumps(told, ensure_ascii=False, indent=2) + "\n")

    def act(self, act: Act) -> None:
        """Write one act."""
        self._count += 1
        self._console.print()
        self._console.rule(f"[bold]{self._count}. {escape(act.title)}[/bold]", align="left")
        for line in act.said:
            self._console.print(Padding(escape(line), (0, 0, 0, INDENT if line.startswith(QUOTE) else 0)))
        if act.table:
            self._console.print(_verdicts(act.table))
            for note in act.table.notes:
                self._console.print(Padding(f"[dim]{escape(note)}[/dim]", (0, 0, 0, INDENT)))
        if act.checks:
            self._console.print(_checks(act.checks))


def _verdicts(table: Verdicts) -> Table:
    made = Table(box=None, pad_edge=False, header_style="bold")
    for column in table.columns:
        made.add_column(escape(column), overflow="fold")
    for name, *cells in table.rows:
        made.add_row(escape(name), *(_coloured(cell) for cell in cells))
    return made


def _coloured(cell: str) -> str:
    for word, colour in COLOURS.items():
        if cell.startswith(word):
            return f"[{colour}]{escape(cell)}[/{colour}]"
    return escape(cell)


def _checks(checks: tuple[Check, ...]) -> Table:
    made = Table(box=None, pad_edge=False, show_header=False)
    made.add_column(style="bold", no_wrap=True)
    made.add_column(overflow="fold")
    made.add_column(style="dim", no_wrap=True)
    for check in checks:
        seen = escape(check.seen)
        if not check.held:
            seen += f" [bold red]DIFFERS: expected {escape(check.expected)}[/bold red]"
        made.add_row(escape(check.what), seen, escape(check.where))
    return made
