"""The terminal: options, exit codes, progress and tables."""
