"""What the maps are called above a picture, by the names that commands take."""

TITLES = {
    "vanilla": "vanilla gradient, |∂S/∂x|",
    "gradient-input": "gradient × input",
    "guided": "guided gradient, |∂S/∂x|",
    "relu": "relu (rectified), |∂S/∂x|",
    "smoothgrad": "SmoothGrad",
    "smoothgrad-squared": "SmoothGrad squared",
    "vargrad": "VarGrad",
    "integrated": "integrated gradients",
    "gradcam": "Grad-CAM",
    "gradcam++": "Grad-CAM++",
    "layercam": "LayerCAM",
    "hirescam": "HiResCAM",
    "eigencam": "Eigen-CAM",
    "scorecam": "Score-CAM",
    "guided-gradcam": "guided Grad-CAM",
    "occlusion": "occlusion",
}
"""In the order of `app.maps.methods.methods.METHODS`."""

ARTICLE = ("vanilla", "guided", "relu", "gradcam")
"""The maps of article 004."""

OF_CELLS = ("gradcam", "gradcam++", "layercam", "hirescam", "eigencam", "scorecam", "guided-gradcam")
"""The maps that are made of a layer's maps."""
