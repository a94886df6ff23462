"""What inside a trained network brings its behaviour about."""
