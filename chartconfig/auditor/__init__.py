"""What is published, checked by whoever has the log's key: one version, or a whole site."""
