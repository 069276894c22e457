"""What draws the pictures: plain data in, a matplotlib figure out."""
