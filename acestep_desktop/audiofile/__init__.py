"""Audio on disk: decoding, resampling, WAV and FLAC writing, RIFF chunks, safe writes."""
