"""Charts, programs and populations: the values that the rest of the pipeline reads."""
