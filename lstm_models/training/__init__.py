"""Training of the shared model by Lightning: `fit` is the way in."""

from lstm_models.training.run import fit

__all__ = ["fit"]
