"""The published module: paths, versions, the zip and its hashes, and where its files stand."""
