"""Static files under names that carry their content's hash, so that browsers keep them for ever."""

import mimetypes
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from workflow.errors import N_, NotFound

FOLDER = Path(__file__).parent / "static"
_FOR_EVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is served."""

    name: str
    body: bytes
    mime: str


class Assets:
    """All static files, read once."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._by_name: dict[str, Asset] = {}
        self._urls: dict[str, str] = {}
        for path in sorted(folder.iterdir()):
            self._keep(path, path.read_bytes())

    def add(self, name: str, text: str) -> None:
        """Add a file that is made when the application starts."""
        self._keep(Path(name), text.encode())

    def _keep(self, path: Path, body: bytes) -> None:
        name = f"{path.stem}.{sha256(body).hexdigest()[:12]}{path.suffix}"
        mime = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        self._by_name[name] = Asset(name, body, mime)
        self._urls[path.name] = f"/static/{name}"

    def url(self, name: str) -> str:
        """The address of a file by its plain name. Raises KeyError."""
        return self._urls[name]

    async def serve(self, request: Request) -> Response:
        """Answer a request for one of them."""
        asset = self._by_name.get(request.path_params["name"])
        if asset is None:
            raise NotFound(N_("没有这个文件。"))
        return Response(asset.body, media_type=asset.mime, headers={"cache-control": _FOR_EVER})
