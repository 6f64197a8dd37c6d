"""The verbs of the window: Qt-free functions wrapped in signals and threads."""
