"""Slow learning: the only package in which weights change."""
