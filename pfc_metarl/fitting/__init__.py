"""Fitting models to the choices of networks, animals and people."""
