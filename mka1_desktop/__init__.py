"""MKA1 Desktop: talk with the MKA1 assistant."""

__version__ = "0.1.0"
