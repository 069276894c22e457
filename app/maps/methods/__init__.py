"""The map methods, a module a family; each says everything of its methods, and TensorFlow is imported late."""

from app.maps.methods import cam, gradients, masking, sampling

FAMILIES = (gradients, sampling, cam, masking)
METHODS = {method.name: method for family in FAMILIES for method in family.METHODS}
"""Every map by name, in teaching order."""
ARTICLE = tuple(name for name, method in METHODS.items() if method.is_of_article)
"""The maps of article 004."""
