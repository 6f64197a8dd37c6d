"""Engines: what one must do, the jobs it is given, the process it runs in, and its client."""
