"""Routes and nothing else: HTTP to arrivals."""
