"""The experiments' figures."""
