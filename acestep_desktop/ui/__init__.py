"""Widgets that show values and call verbs of the session."""
