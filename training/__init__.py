"""How the tagger's weights are made: `python -m training`. Nothing of it ships but the weights file."""
