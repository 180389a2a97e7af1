"""Perceptual hashes of portraits, by which pictures that look alike are found."""
