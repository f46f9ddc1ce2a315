"""Data classes to a verdict."""
