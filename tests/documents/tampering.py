"""Ways to spoil a bundle, some of them by somebody who can also make the manifests and even a signature fit."""

import json
from collections.abc import Callable
from hashlib import sha256
from io import BytesIO

from app.db.chain import canonical
from app.documents.bundle import zip_form
from app.documents.bundle.bag_names import MANIFEST, SET, SIGNATURE, TAG_MANIFEST, folder_of
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


def with_manifests(files: Files, sign: Callable[[bytes], str] = signed, *, lists_anew: bool = True) -> Files:
    """The same files with lists, manifests and signature made anew, as a forger who holds the bundle key would."""
    payload = {name: content for name, content in files.items() if name.startswith("data/")}
    if lists_anew and SET in payload:
        payload[SET] = listing_anew(payload)
    anew = {
        "Payload-Oxum": f"{sum(map(len, payload.values()))}.{len(payload)}",
        "Set-Digest": sha256(payload.get(SET, b"")).hexdigest(),
    }
    lines = files["bag-info.txt"].decode().splitlines()
    lines = [f"{label}: {anew[label]}" if (label := line.partition(":")[0]) in anew else line for line in lines]
    about = "".join(f"{line}\n" for line in lines).encode()
    tags = {"bagit.txt": files["bagit.txt"], "bag-info.txt": about, MANIFEST: manifest(payload)}
    tag_manifest = manifest(tags)
    return {**payload, **tags, TAG_MANIFEST: tag_manifest, SIGNATURE: sign(tag_manifest).encode()}


def listing_anew(payload: Files) -> bytes:
    """The list of a set of one part as it would be for these files."""
    told = json.loads(payload[SET])
    told["parts"][0]["files"] = [
        {"name": name, "sha256": sha256(content).hexdigest(), "size": len(content)}
        for name, content in sorted(payload.items())
        if name != SET
    ]
    return canonical(told)


def manifest(files: Files) -> bytes:
    return "".join(f"{sha256(content).hexdigest()}  {name}\n" for name, content in sorted(files.items())).encode()
