"""The admin API: what a person may do from a program, on a port of its own."""
