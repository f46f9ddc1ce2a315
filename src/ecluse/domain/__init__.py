"""The words. Frozen types on the standard library alone; nothing here does anything to the world."""
