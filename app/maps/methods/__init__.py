"""One module a family of map methods."""
