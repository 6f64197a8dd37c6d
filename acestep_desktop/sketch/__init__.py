"""Sketch: the built-in engine, from a wish to parts and sound."""
