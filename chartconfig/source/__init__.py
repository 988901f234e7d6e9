"""A source file's text, and the nodes that keep their place and spelling."""
