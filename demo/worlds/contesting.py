"""Opens a world's contests, by Ecluse's own command, once its month is written and its settings stand.

Law: the text goes in by standard input and is kept nowhere; who decides is the person who takes the tour.
"""

import subprocess
import sys

from demo.children import ChildError
from demo.worlds.ground import World


def open_contests(world: World) -> None:
    """Open each contest of the world. Raises ChildError."""
    for one in world.play.contests:
        stated = ["--application", one.application, "--reason", one.reason, "--by", one.by, "--role", one.role]
        done = subprocess.run(  # noqa: S603 - our own command
            [sys.executable, "-m", "ecluse", "contests", "open", "-", *stated, "--config", str(world.file)],
            input=one.text,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise ChildError(f"ecluse contests open: {done.stderr.strip()}")
