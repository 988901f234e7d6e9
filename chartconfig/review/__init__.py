"""Review: what a change means for installations, and what a release says of itself."""
