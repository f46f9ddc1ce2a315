"""How the threads of one process take turns: the event loop before work that can wait.

Law: it changes when things happen, never what. For a process that serves; a library leaves its host as it is.
"""

import gc
import sys

TURN = 0.001
"""Seconds after which a thread that computes gives way to one that waits: the loop waits so long at most for each."""


def serve_first() -> None:
    """Have the event loop wait less: shorter turns, and no more looks for cycles through what the start has made.

    One such look holds everything for some 50 ms, and a reload, which makes many objects, brings one about.
    """
    sys.setswitchinterval(TURN)
    gc.collect()
    gc.freeze()
