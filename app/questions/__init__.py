"""Questions that a seed makes: what is asked, the answer with its working, and what typical mistakes give."""
