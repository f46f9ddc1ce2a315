"""A permit to a plan."""
