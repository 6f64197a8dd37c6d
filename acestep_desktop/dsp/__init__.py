"""Arithmetic on arrays of audio: mixing, fading, measuring. No files, no devices."""
