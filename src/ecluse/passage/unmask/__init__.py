"""Events to events, with the originals put back."""
