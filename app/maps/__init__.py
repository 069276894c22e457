"""Saliency maps: the explainer, the methods, where cells look, and a verdict with each map."""
