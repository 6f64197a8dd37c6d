"""Sketch's sound: parts of notes become stems, and stems a finished mix."""
