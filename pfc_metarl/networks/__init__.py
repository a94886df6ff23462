"""The prefrontal network: cores, heads, encoder and weights."""
