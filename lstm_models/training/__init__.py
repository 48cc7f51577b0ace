"""Training of the shared model: data order, loss, optimiser and the Lightning module."""
