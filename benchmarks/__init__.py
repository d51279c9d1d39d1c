"""Figures as ratios: this product against raw SQL of the same rows, in the same run."""
