"""Hostile input: damaged files, failing disks, interrupted commands."""
