"""The world: files, git, the clock. Everything below it is values in, values out."""
