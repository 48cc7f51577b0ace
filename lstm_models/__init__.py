"""The shared package: one LSTM encoder-decoder with a memory, its search, training and checkpoints."""
