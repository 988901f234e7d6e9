"""The published module: paths and versions."""
