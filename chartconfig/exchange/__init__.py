"""Other formats of charts, brought in and written out."""
