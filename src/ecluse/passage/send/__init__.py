"""A neutral request to the wire, the wire to events: the provider's side of each dialect."""
