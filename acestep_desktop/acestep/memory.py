"""How it is told that memory ran out: the computer's, or a card's."""

import errno
from typing import Final

import torch

_PHRASES: Final = (
    *("out of memory", "allocate memory", "not enough memory"),
    *("paging file is too small", "insufficient memory"),
)
"""Of torch for cards and processors, of Linux and macOS, and of Windows."""


def is_out_of_memory(error: BaseException) -> bool:
    """Return whether `error`, or what led to it, says that memory ran out.

    Libraries that load weights turn what they meet into errors of their own.
    """
    cause: BaseException | None = error
    while cause is not None:
        if _says_so(cause):
            return True
        cause = cause.__cause__ or cause.__context__
    return False


def _says_so(error: BaseException) -> bool:
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    if isinstance(error, OSError) and error.errno == errno.ENOMEM:
        return True
    text = str(error).lower()
    return any(words in text for words in _PHRASES)
