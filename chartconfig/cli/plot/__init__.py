"""Drawings of rates: what is drawn, and how, in a file and on a terminal."""
