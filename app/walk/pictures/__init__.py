"""Pictures of what the articles draw: curves, receptive fields, blocks, a connection table, early networks, boxes."""
