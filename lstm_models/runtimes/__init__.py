"""What computes a model: PyTorch for training and research, ONNX Runtime for use; see `base.py`."""

from lstm_models.runtimes.base import Decoding, Encoded, Memories, Runtime

__all__ = ["Decoding", "Encoded", "Memories", "Runtime"]
