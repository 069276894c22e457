"""The map methods, a module a family; each says everything of its methods, and TensorFlow is imported late."""

from app.maps.methods import cam, gradients, masking, sampling

METHODS = {
    method.name: method
    for method in (
        gradients.VANILLA,
        gradients.GRADIENT_INPUT,
        gradients.GUIDED,
        gradients.RECTIFIED,
        sampling.SMOOTHGRAD,
        sampling.SMOOTHGRAD_SQUARED,
        sampling.VARGRAD,
        sampling.INTEGRATED,
        cam.GRADCAM,
        cam.GRADCAM_PLUS_PLUS,
        cam.LAYERCAM,
        cam.HIRESCAM,
        cam.EIGENCAM,
        masking.SCORECAM,
        cam.GUIDED_GRADCAM,
        masking.OCCLUSION,
    )
}
"""Every map by name, in teaching order."""
TITLES = {name: method.title for name, method in METHODS.items()}
"""What the maps are called above a picture."""
ARTICLE = tuple(name for name, method in METHODS.items() if method.is_of_article)
"""The maps of article 004."""
OF_CELLS = tuple(name for name, method in METHODS.items() if method.uses_maps)
"""The maps that are made of a layer's maps."""
