"""Measures of the reward-prediction error."""
