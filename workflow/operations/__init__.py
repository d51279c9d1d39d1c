"""The installation itself: which clock leads, which processes live, what is wrong, since when."""
