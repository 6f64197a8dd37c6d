"""Weights on the disk: which there are, how they arrive, and whether they are whole."""
