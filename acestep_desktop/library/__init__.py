"""Takes and projects on disk: their files, the journal, the index over them, preferences."""
