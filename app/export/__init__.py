"""`python -m app.export`: a trained model as a SavedModel, an ONNX or a LiteRT file, run and compared with Keras."""
