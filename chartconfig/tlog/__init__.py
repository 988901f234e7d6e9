"""The transparency log: an append-only tree of records, signed, served as plain files."""
