"""One outside thing per file; adapters decide nothing."""
