r"""h1: the hash by which the go command pins the files of a module.

It is what stands in go.sum, and in the record of a version in the log:

    h1:w5fcysjrx7yqtD/aO+QwRjYZOKnaM9Uh2b40tElTs3Y=

It is the SHA-256, in base64, of one line for each file:

    <SHA-256 of the content, 64 hexadecimal digits in lower case>  <name>\n

Two spaces stand between them. Lines are sorted by the bytes of the name, in UTF-8. A name of a file
in a module begins with `module@version/`; where go.mod is hashed alone, its name is `go.mod`.

So the hash pins names and contents, and nothing else of a zip: neither the order, the compression
nor the times of its entries. Whoever pins those, too, compares bytes.

`h1` says how it is computed; another way would have another number. A name with a newline could
pretend to be two lines, and is refused.

Source:
    golang.org/x/mod/sumdb/dirhash, Hash1.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from hashlib import sha256
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_PREFIX: Final = "h1:"
_DIGEST_BYTES: Final = 32


def hash_digests(digests: Mapping[str, bytes]) -> str:
    """Return the h1 hash of files whose SHA-256 is known.

    Args:
        digests: The SHA-256 of each content, 32 bytes, by name. The name is as it is hashed: in a
            module, with its prefix.

    Raises:
        ValueError: A name has a newline, or half a surrogate pair, which UTF-8 does not have.

    Examples:
        >>> hash_digests({})
        'h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='
    """
    lines = sha256()
    for name, digest in sorted((name.encode(), digest) for name, digest in digests.items()):
        if b"\n" in name:
            raise ValueError(f"a name with a newline cannot be hashed: {name.decode()!a}")
        lines.update(b"%s  %s\n" % (digest.hex().encode(), name))
    return _PREFIX + b64encode(lines.digest()).decode()


def hash_files(files: Mapping[str, bytes]) -> str:
    """Return the h1 hash of files.

    Args:
        files: Contents by name, the name as it is hashed: in a module, with its prefix.

    Raises:
        ValueError: As `hash_digests`.
    """
    return hash_digests({name: sha256(data).digest() for name, data in files.items()})


def hash_module(files: Mapping[str, bytes], *, module: str, version: str) -> str:
    """Return the h1 hash of a module, as of its zip.

    Args:
        files: Contents by name, the name as it is in the module: `go.mod`.
        module: The module path.
        version: Its version.

    Raises:
        ValueError: As `hash_files`.
    """
    return hash_files({f"{module}@{version}/{name}": data for name, data in files.items()})


def hash_go_mod(data: bytes) -> str:
    r"""Return the h1 hash of a go.mod alone.

    Examples:
        >>> hash_go_mod(b"module github.com/pkg/errors\n")
        'h1:bwawxfHBFNV+L2hUp1rHADufV3IMtnDRdf1r5NINEl0='
    """
    return hash_files({"go.mod": data})


def is_hash(text: str) -> bool:
    """Tell whether `text` is an h1 hash, in the one spelling that it has.

    Examples:
        >>> is_hash("h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")
        True
        >>> is_hash("h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=")  # bits that nothing reads
        False
    """
    encoded = text.removeprefix(_PREFIX)
    try:
        digest = b64decode(encoded, validate=True)
    except ValueError:  # not base64, or not ASCII
        return False
    return len(digest) == _DIGEST_BYTES and text == _PREFIX + b64encode(digest).decode()
