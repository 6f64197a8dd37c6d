"""What a person reads when pip fails."""

import pytest
from boot.pip import why_it_failed

NO_NETWORK = """\
WARNING: Retrying (Retry(total=1)) after connection broken by 'NewConnectionError('<pip._vendor\
.urllib3.connection.HTTPSConnection object>: Failed to establish a new connection: [Errno -3]')'
ERROR: Could not find a version that satisfies the requirement torch==2.13.0 (from versions: none)
ERROR: No matching distribution found for torch==2.13.0
"""
BAD_CERTIFICATE = "SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED]')) " * 2
FULL_DISK = (
    "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device"
)


@pytest.mark.parametrize(
    ("words", "way"),
    [
        (NO_NETWORK, "the first start needs the network"),
        ("ReadTimeoutError: HTTPSConnectionPool: Read timed out.", "cannot be reached"),
        ("socket.gaierror: [Errno 11001] getaddrinfo failed", "cannot be reached"),
        (BAD_CERTIFICATE + "Max retries exceeded with url", "set PIP_CERT"),
        (NO_NETWORK.partition("ERROR")[2], "cannot be reached, or has nothing for this machine"),
        (FULL_DISK, "the disk is full"),
    ],
)
def test_a_known_failure_is_one_sentence_with_the_way_on(words: str, way: str) -> None:
    sentence = why_it_failed(words, "Installing PyTorch")
    assert sentence.startswith("Installing PyTorch failed because")
    assert way in sentence
    assert sentence.endswith("start again.")
    assert "\n" not in sentence


def test_an_unknown_failure_ends_in_pips_own_last_words() -> None:
    words = "\n".join(f"line {number}" for number in range(100))
    lines = why_it_failed(words, "Installing").splitlines()
    assert lines[0].endswith("pip said:")
    assert lines[-1] == "line 99"
    assert len(lines) < 20
