"""Leaving for the DAW: files that other programs read."""
