"""How the activity of a trained network causes its behaviour."""
