"""The one way in which keeping contents fails."""


class CaptureUnusable(ValueError):
    """What is kept cannot be used. Says what to do, never what is kept."""
