"""Which build of PyTorch fits which machine."""

import socket
import threading
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from boot import torch_build
from boot.graphics import Nvidia
from boot.torch_build import Machine, index_answers, pip_arguments, plan_for

ADA = Nvidia(580, (8, 9))
PASCAL = Nvidia(580, (6, 1))
HOPPER = Nvidia(535, (9, 0))
BLACKWELL = Nvidia(595, (12, 0))
BLACKWELL_OLD_DRIVER = Nvidia(572, (12, 0))
ANCIENT = Nvidia(470, (7, 5))


@pytest.mark.parametrize(
    ("machine", "build", "own_index"),
    [
        (Machine("Linux", "x86_64", ADA), "cu130", False),
        (Machine("Linux", "aarch64", BLACKWELL), "cu130", True),
        (Machine("Windows", "AMD64", ADA), "cu130", True),
        (Machine("Windows", "AMD64", BLACKWELL), "cu130", True),
        (Machine("Linux", "x86_64", PASCAL), "cu126", True),
        (Machine("Linux", "x86_64", HOPPER), "cu126", True),
        (Machine("Windows", "AMD64", PASCAL), "cu126", True),
        (Machine("Linux", "x86_64", BLACKWELL_OLD_DRIVER), "cpu", True),
        (Machine("Linux", "x86_64", ANCIENT), "cpu", True),
        (Machine("Linux", "x86_64"), "cpu", True),
        (Machine("Linux", "x86_64", cards=("AMD",)), "cpu", True),
        (Machine("Linux", "aarch64"), "cpu", True),
        (Machine("Windows", "AMD64"), "cpu", False),
        (Machine("Windows", "AMD64", cards=("Intel",)), "cpu", False),
        (Machine("Darwin", "arm64"), "mps", False),
        (Machine("Darwin", "x86_64"), "none", False),
    ],
)
def test_the_build_fits_the_machine(machine: Machine, build: str, own_index: bool) -> None:
    plan = plan_for(machine)
    assert (plan.build, plan.own_index) == (build, own_index)


@pytest.mark.parametrize(
    ("machine", "words"),
    [
        (Machine("Linux", "x86_64", cards=("AMD",)), "ROCm is not supported yet"),
        (Machine("Linux", "x86_64", cards=("Intel",)), "XPU is not supported yet"),
        (Machine("Linux", "x86_64", cards=("Intel", "NVIDIA")), "install NVIDIA's driver"),
        (Machine("Linux", "x86_64", ANCIENT), "update the driver to 580"),
        (Machine("Windows", "AMD64", BLACKWELL_OLD_DRIVER), "driver 572 is too old"),
        (Machine("Linux", "x86_64"), "will run on the CPU"),
        (Machine("Darwin", "x86_64"), "Sketch works here"),
        (Machine("Linux", "x86_64", ADA), "NVIDIA card was found"),
    ],
)
def test_the_reason_for_a_build_is_said_in_one_sentence(machine: Machine, words: str) -> None:
    sentence = plan_for(machine).sentence
    assert words in sentence
    assert sentence.endswith((".", ")."))
    assert "\n" not in sentence


def test_a_build_of_pytorchs_own_index_is_named_exactly() -> None:
    plan = plan_for(Machine("Windows", "AMD64", ADA))
    arguments, sentence = pip_arguments(plan, reachable=lambda address: True)
    assert arguments == [
        "torch==2.13.0+cu130",
        "--extra-index-url",
        "https://download.pytorch.org/whl/cu130/",
    ]
    assert sentence == ""


def test_the_index_that_is_asked_is_the_one_of_the_build() -> None:
    asked = []
    pip_arguments(plan_for(Machine("Linux", "x86_64")), lambda address: bool(asked.append(address)))
    assert asked == ["https://download.pytorch.org/whl/cpu/"]


@pytest.mark.parametrize(
    ("machine", "words"),
    [
        (Machine("Linux", "x86_64"), "may be larger"),
        (Machine("Windows", "AMD64", ADA), "may not use the NVIDIA card"),
    ],
)
def test_without_pytorchs_own_index_the_usual_build_is_taken_and_said(
    machine: Machine, words: str
) -> None:
    arguments, sentence = pip_arguments(plan_for(machine), reachable=lambda address: False)
    assert arguments == ["torch==2.13.0"]
    assert words in sentence


def test_no_index_is_asked_where_pypi_has_the_build() -> None:
    def never(address: str) -> bool:
        raise AssertionError(address)

    for machine in (Machine("Linux", "x86_64", ADA), Machine("Darwin", "arm64")):
        assert pip_arguments(plan_for(machine), never) == (["torch==2.13.0"], "")


@contextmanager
def server(reply: bytes) -> Iterator[str]:
    """Answer one request at the yielded address with `reply`."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with listener.accept()[0] as connection:
                connection.recv(65_536)
                connection.sendall(reply)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/whl/cpu/"
        thread.join()


@pytest.mark.parametrize(
    ("reply", "answers"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", True),
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", False),
        (b"please log in to the hotel's network\r\n\r\n", False),
        (b"", False),
    ],
)
def test_an_index_answers_when_it_has_pytorch(
    reply: bytes, answers: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with server(reply) as address:
        assert index_answers(address) is answers


def test_an_index_that_cannot_be_reached_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    assert not index_answers("http://127.0.0.1:9/whl/cpu/")


def test_the_pinned_version_is_the_one_of_pyproject() -> None:
    text = (Path(__file__).parents[2] / "pyproject.toml").read_text()
    names = tomllib.loads(text)["project"]["dependencies"]
    pins = [name.partition(";")[0] for name in names if name.startswith("torch")]
    assert pins == ["torch==" + torch_build.VERSION]
