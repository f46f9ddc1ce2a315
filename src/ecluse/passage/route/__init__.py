"""A permit to a plan."""

from ecluse.passage.route.limits import rest_until
from ecluse.passage.route.rank import Plan, Route, plan, rank
from ecluse.passage.route.route import comparable, route_of
from ecluse.passage.route.state import (
    Alive,
    Closed,
    Failure,
    First,
    Left,
    Rest,
    Seen,
    State,
    Success,
    health,
    observe,
    steady_until,
)

__all__ = [
    "Alive",
    "Closed",
    "Failure",
    "First",
    "Left",
    "Plan",
    "Rest",
    "Route",
    "Seen",
    "State",
    "Success",
    "comparable",
    "health",
    "observe",
    "plan",
    "rank",
    "rest_until",
    "route_of",
    "steady_until",
]
