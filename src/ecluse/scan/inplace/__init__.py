"""Documents of Office and OpenDocument that keep their form while the texts in them are exchanged."""
