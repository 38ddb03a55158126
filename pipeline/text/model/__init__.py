"""The text model: hashed n-grams and a small convolutional network over the same folded code points."""
