"""Ways to spoil a bundle, some of them by somebody who can also make the manifests and even a signature fit."""

from collections.abc import Callable
from hashlib import sha256
from io import BytesIO

from app.documents import zip_form
from app.documents.bag_names import MANIFEST, SIGNATURE, TAG_MANIFEST, folder_of
from tests.documents.builders import REQUEST, signed

FOLDER = folder_of(REQUEST)
Files = dict[str, bytes]


def unpack(archive: bytes) -> Files:
    file = BytesIO(archive)
    return {one.name.removeprefix(f"{FOLDER}/"): b"".join(zip_form.content(file, one)) for one in zip_form.read(file)}


def pack(files: Files, folder: str = FOLDER) -> bytes:
    sink = BytesIO()
    zip_form.write(sink, [zip_form.member_of(f"{folder}/{name}", content) for name, content in files.items()])
    return sink.getvalue()


def with_manifests(files: Files, sign: Callable[[bytes], str] = signed) -> Files:
    """The same files with manifests and signature made anew, as a forger who holds the bundle key would."""
    payload = {name: content for name, content in files.items() if name.startswith("data/")}
    lines = [line for line in files["bag-info.txt"].decode().splitlines() if not line.startswith("Payload-Oxum")]
    lines.insert(3, f"Payload-Oxum: {sum(map(len, payload.values()))}.{len(payload)}")
    tags = {"bagit.txt": files["bagit.txt"], "bag-info.txt": "".join(f"{line}\n" for line in lines).encode(), MANIFEST: manifest(payload)}
    tag_manifest = manifest(tags)
    return {**payload, **tags, TAG_MANIFEST: tag_manifest, SIGNATURE: sign(tag_manifest).encode()}


def manifest(files: Files) -> bytes:
    return "".join(f"{sha256(content).hexdigest()}  {name}\n" for name, content in sorted(files.items())).encode()
