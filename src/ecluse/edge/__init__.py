"""The rim: every socket, file, clock, thread and key."""
