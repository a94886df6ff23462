"""Figures: one script each, named after the figure and what it shows; ``python -m analyses`` draws them."""
