"""Charts and their rates to a collection config, and its canonical bytes."""
