"""A request's text to findings."""
