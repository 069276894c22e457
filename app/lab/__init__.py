"""The lab page: draw, look inside the network, take it home."""
