"""The residual risk of one's own documents: what is in them, and what is still read once they are masked."""
