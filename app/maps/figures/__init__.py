"""Maps on paper: the image, its maps, and what they are worth."""
