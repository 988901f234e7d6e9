"""The one report type, the catalogue of codes, and how findings are rendered."""
