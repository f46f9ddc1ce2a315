"""A permit to a plan."""

from ecluse.passage.route.rank import rank
from ecluse.passage.route.state import Failure, State, Success, health, observe

__all__ = ["Failure", "State", "Success", "health", "observe", "rank"]
