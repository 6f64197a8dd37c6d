"""Raw audio: how engines leave sound in files until it becomes a take."""

from typing import Final

RAW_HEAD_BYTES: Final = 128
"""Room before the first sample: a WAV's header is put there, so that no sound is copied."""
