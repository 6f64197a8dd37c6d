"""The hub: which files a model has there, and what their bytes must be.

Nothing here runs unless the person asked for a download. No token is ever sent:
every model of the catalogue is public.
"""

import os
import re
from dataclasses import dataclass
from typing import Any, Final

from acestep_desktop.audiofile.errors import shown
from acestep_desktop.models.catalogue import CatalogueModel, Source
from acestep_desktop.models.errors import DownloadError
from acestep_desktop.models.importing import CARDS, SAFE_ENDINGS
from acestep_desktop.models.inspecting import SILENCE
from acestep_desktop.models.manifest import is_inside

ENDPOINT_VARIABLE: Final = "HF_ENDPOINT"
"""Set it to the address of a mirror of the hub."""

TIMEOUT_S: Final = 20.0
MAX_FILES: Final = 500

_COMMIT: Final = re.compile(r"[0-9a-f]{40}")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file on the hub: where it is, where it is to be put, and what its bytes are.

    `digest` is the SHA-256 of the bytes, or, where `is_blob`, the SHA-1 of git,
    which small files have instead.
    """

    url: str
    path: str
    size: int
    digest: str
    is_blob: bool


@dataclass(frozen=True, slots=True)
class Listing:
    """All files of a model at one moment, and the commit of its first repository."""

    files: tuple[RemoteFile, ...]
    commit: str

    @property
    def bytes(self) -> int:
        """How much there is to download."""
        return sum(file.size for file in self.files)


class Hub:
    """A hub that speaks as huggingface.co does: that one, or the mirror in `HF_ENDPOINT`."""

    def __init__(self, endpoint: str | None = None, *, timeout_s: float = TIMEOUT_S) -> None:
        self.endpoint = endpoint or os.environ.get(ENDPOINT_VARIABLE) or "https://huggingface.co"
        self.timeout_s = timeout_s

    def list_files(self, model: CatalogueModel) -> Listing:
        """Ask the hub for the files of a model; a branch becomes the commit it is at now."""
        files: dict[str, RemoteFile] = {}
        commits = []
        for number, source in enumerate(model.sources):
            info = self._info(source)
            commit = _commit_of(info, source)
            commits.append(commit)
            for sibling in info.siblings or ():
                path = _place_of(sibling.rfilename, source, with_cards=number == 0)
                if path is not None:
                    files[path] = self._file(sibling, path, source, commit)
        if not files or len(files) > MAX_FILES:
            raise DownloadError(
                f"{model.repo} has not the files of a model ({len(files)} found). "
                "Try again later, or import a folder that has it."
            )
        return Listing(tuple(files.values()), commits[0])

    def _info(self, source: Source) -> Any:
        from huggingface_hub import HfApi

        api = HfApi(endpoint=self.endpoint, token=False)
        try:
            return api.model_info(
                source.repo,
                revision=source.revision,
                files_metadata=True,
                timeout=self.timeout_s,
            )
        except http_errors() as error:
            raise refusal(error, f"{source.repo} at {source.revision[:12]}") from error
        except (ValueError, KeyError, TypeError) as error:
            raise _strange(source) from error

    def _file(self, sibling: Any, path: str, source: Source, commit: str) -> RemoteFile:
        from huggingface_hub import hf_hub_url

        large = sibling.lfs is not None
        digest = str(sibling.lfs.sha256 if large else sibling.blob_id)
        size = sibling.lfs.size if large else sibling.size
        known = (_SHA256 if large else _COMMIT).fullmatch(digest)
        if not known or not isinstance(size, int) or size < 0:
            raise _strange(source)
        url = hf_hub_url(source.repo, sibling.rfilename, revision=commit, endpoint=self.endpoint)
        return RemoteFile(url, path, size, digest, is_blob=not large)


def http_errors() -> tuple[type[BaseException], ...]:
    """Return what the HTTP library under huggingface_hub raises, whichever that is."""
    from huggingface_hub.errors import HfHubHTTPError

    named = [kind for kind in HfHubHTTPError.__mro__ if kind.__name__ == "HTTPError"]
    return (*named, OSError)


def refusal(error: BaseException, what: str) -> DownloadError:
    """Return the error that says in words why `what` was not to be had."""
    status = getattr(getattr(error, "response", None), "status_code", None)
    if status is not None:
        return refused_status(status, what)
    if type(error).__name__ == "OfflineModeIsEnabled":
        return DownloadError("HF_HUB_OFFLINE forbids downloads: unset it and try again.")
    return DownloadError(
        f"The hub cannot be reached for {what} ({shown(type(error).__name__)}). Check the "
        "network, or set HF_ENDPOINT to a mirror; what has arrived is kept."
    )


def refused_status(status: int, what: str) -> DownloadError:
    """Return the error for an answer of the hub that is not the file."""
    if status in (404, 410):
        return DownloadError(
            f"The hub has no {what} (any more): it answered {status}. Look for a newer version "
            "of this program, or import a folder that has it."
        )
    if status in (401, 403):
        return DownloadError(
            f"The hub does not give {what} to everybody: it answered {status}. Import a folder "
            "that has it."
        )
    if status == 429:
        return DownloadError(
            f"The hub asks for a pause ({status}, too many requests for {what}). Try again in "
            "some minutes; what has arrived is kept."
        )
    return DownloadError(
        f"The hub answered {status} for {what}. Try again later; what has arrived is kept."
    )


def _commit_of(info: Any, source: Source) -> str:
    commit = str(info.sha)
    pinned = _COMMIT.fullmatch(source.revision) is not None
    if not _COMMIT.fullmatch(commit) or (pinned and commit != source.revision):
        raise _strange(source)
    return commit


def _place_of(name: str, source: Source, *, with_cards: bool) -> str | None:
    """Return where a file of a source is to be put; None for one that is not wanted."""
    into = f"{source.into}/" if source.into else ""
    below = f"{source.folder}/" if source.folder else ""
    if with_cards and name in CARDS:
        return into + name
    rest = name.removeprefix(below)
    wanted = name.startswith(below) and (
        rest.endswith(SAFE_ENDINGS) or rest == SILENCE or rest in CARDS
    )
    return into + rest if wanted and is_inside(into + rest) else None


def _strange(source: Source) -> DownloadError:
    return DownloadError(
        f"The hub's list of {source.repo} at {source.revision[:12]} cannot be trusted: it lacks "
        "sizes or hashes, or is of another revision. Check HF_ENDPOINT and try again."
    )
