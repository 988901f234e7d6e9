"""Config governance and a sample-rate compiler for transparent telemetry."""

__version__ = "0.1.0"
