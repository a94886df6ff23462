"""Labelled data: the schema of recordings, the trial table, and their files."""
