"""What weights cost: converting the true 2B shape, verifying it, and a download of it."""

import io
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from table import Row, at_least, at_most, noted, run_alone

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from acestep_desktop.models.download import download_model  # noqa: E402
from acestep_desktop.models.hub import Hub  # noqa: E402
from acestep_desktop.models.importing import import_folder  # noqa: E402
from acestep_desktop.models.store import ModelStore  # noqa: E402
from tests.models.loopback import entry, serve  # noqa: E402
from tests.models.true_shape import write_checkpoint  # noqa: E402

MB = 1e6


def measure(full: bool) -> list[Row]:
    """Convert 24 layers (1), 4.8 GB, and download a fiftieth of that."""
    with tempfile.TemporaryDirectory() as folder:
        size = write_checkpoint(Path(folder) / "given", layers=24 if full else 1, silence=silence())
        run = subprocess.run(
            [sys.executable, __file__, "--import", folder],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            cwd=ROOT,
        )
        took, verified, peak, bare = (float(word) for word in run.stdout.split())
        rows = [
            noted("tensors of the checkpoint", size / MB, "MB"),
            noted("convert, hash and keep them", took, "s"),
            at_least("the same", size / MB / took, 50.0, "MB/s"),
            noted("verify them", size / MB / verified, "MB/s"),
            at_most("memory above the bare program", (peak - bare) / MB, 64.0, "MB"),
        ]
        return [*rows, downloading(Path(folder))]


def downloading(folder: Path) -> Row:
    """Download through HTTP on this machine, each byte hashed twice."""
    write_checkpoint(folder / "small", layers=1, silence=silence())
    made = import_folder(ModelStore(folder / "from"), folder / "small", name="made")
    with serve("makers/made", made.path) as hub:
        began = time.perf_counter()
        download_model(ModelStore(folder / "to"), entry(hub), hub=Hub(hub.endpoint))
        return noted("download from this machine", made.bytes / MB / _since(began), "MB/s")


def silence() -> bytes:
    """Return a latent of silence in PyTorch's form."""
    import torch

    file = io.BytesIO()
    torch.save(torch.zeros(1, 64, 15_000), file)
    return file.getvalue()


def child(folder: Path) -> None:
    """Import and verify in this process alone; print seconds and memory."""
    bare = _peak()
    store = ModelStore(folder / "models")
    began = time.perf_counter()
    model = import_folder(store, folder / "given")
    took = _since(began)
    began = time.perf_counter()
    assert store.verify(model.name) == ()
    sys.stdout.write(f"{took} {_since(began)} {_peak()} {bare}\n")


def _peak() -> float:
    """Return the most memory that this process held; the parent's own peak is not counted."""
    status = Path("/proc/self/status")
    if status.is_file():
        line = next(line for line in status.read_text().splitlines() if "VmHWM" in line)
        return 1024.0 * int(line.split()[1])
    return float(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def _since(began: float) -> float:
    return max(time.perf_counter() - began, 1e-9)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--import"]:
        child(Path(sys.argv[2]))
        sys.exit()
    sys.exit(run_alone(measure, "models"))
