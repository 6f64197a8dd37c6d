"""Tries: for tests of real time on machines that others use as well."""

import functools
from collections.abc import Callable
from typing import Any, TypeVar

Test = TypeVar("Test", bound=Callable[..., Any])


def tried(times: int) -> Callable[[Test], Test]:
    """Let a test of real time try up to `times` times: one try must meet every bound.

    Whoever takes the processor away for a while makes JACK itself slip. What is
    wrong in the program is wrong in every try.
    """

    def decorate(test: Test) -> Test:
        @functools.wraps(test)
        def run(*arguments: Any, **named: Any) -> None:
            for _ in range(times - 1):
                try:
                    return test(*arguments, **named)
                except AssertionError as error:
                    print(f"tried once more: {error}")
            return test(*arguments, **named)

        return run  # type: ignore[return-value]

    return decorate
