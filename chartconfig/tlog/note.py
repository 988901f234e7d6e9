r"""Signed notes: a text, and who signed it.

A note is how a log says anything: its tree heads are notes. A text in it means nothing until one of
its signatures is verified with a key that the reader had before.

One real example, the head of Go's checksum database when it held 35,225,469 records:

>>> data = '''\
... go.sum database tree
... 35225469
... vt5T6GaLCXvyHFl9VUvvItR43XZxfLgftEcTyO3eJCQ=
...
... — sum.golang.org Az3grpukl5AXaVfYkLiDGORx/DN2nlcS5kZHR5uYOBV2KA2HgXpD+gu9HHONebHLAyaKbbTM75QTtPydhKCExixSfwQ=
... '''.encode()
>>> key = parse_verifier("sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8")
>>> opened = open_note(data, [key])
>>> print(opened.note.text, end="")
go.sum database tree
35225469
vt5T6GaLCXvyHFl9VUvvItR43XZxfLgftEcTyO3eJCQ=
>>> format_note(opened.note) == data
True

Bytes
-----
UTF-8, with no control below U+0020 but the newline: a text of one line or more, an empty line, and
one signature or more, each on its own line. The last empty line of the file parts the two; the text
may have others. A signature is an em dash (U+2014), a space, the name of the key, a space, and in
base64 the four bytes of the key's id and then the signature itself.

A name is not empty and has neither a `+` nor a space of any script. What is signed is the text with
its last newline and without the empty line. The keys made here are Ed25519 (RFC 8032), their
signatures 64 bytes.

A key's id is the first four bytes of SHA-256 of the name, a newline, a byte that names the
algorithm (0x01 for Ed25519) and the public key. It tells keys apart, and proves nothing.

    verifier key    NAME + "+" + id in 8 hexadecimal digits + "+" + base64(0x01 || public key)
    signer key      "PRIVATE+KEY+" + NAME + "+" + the same id + "+" + base64(0x01 || seed)

Both are split at a `+` from the left, since base64 has it too. The seed is the 32 bytes that the key
is made of. Whoever holds them can sign; `repr` does not show them.

Trust
-----
`open_note` takes the keys that are trusted and gives the note only if one of them signed it.
Signatures of other keys are kept and count for nothing: a log changes its key by signing with two
for a while, and witnesses add theirs. A signature whose name and id are those of a trusted key, and
which does not verify, spoils the note whatever else stands in it: no honest log serves one.

Refused
-------
More than 100 signatures or a megabyte; invalid UTF-8; a carriage return; an empty signature; base64
in any spelling but one. Go's reader would skip some of these, and forgives a bad second signature
of a key whose first one is good. All that is read here reads the same there.

Source:
    https://c2sp.org/signed-note and golang.org/x/mod/sumdb/note.
"""  # noqa: E501 - a signature is one line

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from chartconfig.diagnostics.catalogue import report
from chartconfig.errors import ChartconfigError
from chartconfig.tlog.text import MalformedLogError, format_base64, parse_base64

if TYPE_CHECKING:
    from collections.abc import Iterable

ED25519: Final = 1
"""The byte that stands for Ed25519 in a key, and in what its id is made from."""

_MOST_SIGNATURES: Final = 100
_MOST_BYTES: Final = 1_000_000
_ID_BYTES: Final = 4
_KEY_BYTES: Final = 32
_DASH: Final = "\N{EM DASH} "
_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f]")
_NAME_OF_LOG: Final = re.compile(r"[a-z0-9.-]+(?:/[A-Za-z0-9._~-]+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """One line below a note: who is said to have signed, and the bytes that may show it."""

    name: str
    key_id: bytes
    """4 bytes."""
    data: bytes
    """What follows the id: 64 bytes for Ed25519, at least 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A text and its signatures, none of them verified."""

    text: str
    """One line or more, each with its newline."""
    signatures: tuple[Signature, ...]
    """In the order of the file; one at least."""


class NoteVerifier(Protocol):
    """A key that is trusted: `Verifier`, or a witness, who signs more than the text."""

    @property
    def name(self) -> str:
        """The name that its signatures bear."""

    @property
    def key_id(self) -> bytes:
        """The 4 bytes that its signatures begin with."""

    def verify(self, text: str, signature: bytes) -> bool:
        """Tell whether `signature`, without the id, is this key's under a note's text."""


class NoteSigner(Protocol):
    """A key that signs: `Signer`, or one that only a device or a service holds."""

    @property
    def name(self) -> str:
        """The name that its signatures bear."""

    @property
    def key_id(self) -> bytes:
        """The 4 bytes that its signatures begin with."""

    def sign(self, text: str) -> bytes:
        """Return the signature of a note's text, without the id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedNote:
    """A note that somebody trusted has signed."""

    note: Note
    verified: tuple[Signature, ...]
    """Those of its signatures that verify, in the order of the file; one at least."""


class UnverifiedNoteError(ChartconfigError):
    """CC922 `unverified-note`: a note that no trusted key has signed, or that one did not."""

    def __init__(self, message: str, note: Note, hint: str | None = None) -> None:
        """Hold the note, which is well formed and must not be believed."""
        hint = hint or "see that the key is this log's own, and the newest: docs/keys.md"
        super().__init__(report("CC922", message, None, hint=hint))
        self.note = note


def why_invalid_name(name: str) -> str | None:
    """Return why no key may bear this name, or None if one may.

    Examples:
        >>> why_invalid_name("PeterNeumann")
        >>> why_invalid_name("Peter Neumann")
        "it has ' ', a space"
    """
    if not name:
        return "it is empty"
    for char in name:
        if char == "+" or char.isspace() or _CONTROL.match(char):
            return f"it has {char!a}, {'a space' if char.isspace() else 'which no name has'}"
    return None


def why_unpublishable_name(name: str) -> str | None:
    """Return why chartconfig makes no log of this name, or None if it does.

    The go command takes the name for a host and a path, in URLs and as a folder of its cache.

    Examples:
        >>> why_unpublishable_name("telemetry.example.com/config-log")
        >>> why_unpublishable_name("https://example.com")
        'it is not a host and a path, such as example.com/log'
    """
    if reason := why_invalid_name(name):
        return reason
    parts = name.split("/")
    if not _NAME_OF_LOG.fullmatch(name) or any(not part.strip(".") for part in parts):
        return "it is not a host and a path, such as example.com/log"
    return None


def key_id(name: str, algorithm: int, public_key: bytes) -> bytes:
    """Return the 4 bytes by which the signatures of a key are recognized."""
    return hashlib.sha256(b"%b\n%c%b" % (name.encode(), algorithm, public_key)).digest()[:_ID_BYTES]


# ---- notes


def parse_note(data: bytes) -> Note:
    """Return the note that `data` is, so that `format_note` gives `data` back.

    Nothing is verified: `open_note` is what to call with bytes that should be believed.

    Raises:
        MalformedLogError: `data` is no note, or more of one than anybody needs.
    """
    if len(data) > _MOST_BYTES:
        raise MalformedLogError(f"a note of more than {_MOST_BYTES} bytes")
    try:
        whole = data.decode()
    except UnicodeDecodeError:
        raise MalformedLogError("a note that is not UTF-8") from None
    if control := _CONTROL.search(whole):
        raise MalformedLogError(f"a note with the control {control[0]!a}")
    before, parted, block = whole.rpartition("\n\n")
    if not parted:
        raise MalformedLogError("a note without an empty line between text and signatures")
    lines = block.split("\n")
    if lines.pop():
        raise MalformedLogError("a note that does not end in a newline")
    if not 1 <= len(lines) <= _MOST_SIGNATURES:
        raise MalformedLogError(f"a note with {len(lines)} signatures, not 1 to {_MOST_SIGNATURES}")
    return Note(text=before + "\n", signatures=tuple(map(_parse_signature, lines)))


def _parse_signature(line: str) -> Signature:
    if not line.startswith(_DASH):
        raise MalformedLogError("a line below a note that is no signature")
    name, _, encoded = line.removeprefix(_DASH).partition(" ")
    if why_invalid_name(name):
        raise MalformedLogError(f"a signature under {name[:80]!a}, which is no name")
    data = parse_base64(encoded)
    if data is None or len(data) <= _ID_BYTES:
        raise MalformedLogError(
            f"a signature of {name[:80]!a} that is not base64 of 5 bytes or more"
        )
    return Signature(name=name, key_id=data[:_ID_BYTES], data=data[_ID_BYTES:])


def format_note(note: Note) -> bytes:
    """Return the bytes of a note.

    Raises:
        ValueError: `parse_note` would read something else, or nothing.
    """
    lines = [
        f"{_DASH}{signature.name} {format_base64(signature.key_id + signature.data)}\n"
        for signature in note.signatures
    ]
    data = f"{note.text}\n{''.join(lines)}".encode()
    try:
        if parse_note(data) == note:
            return data
    except MalformedLogError as error:
        raise ValueError(f"this would be {error}") from error
    raise ValueError("this note would be read as another")


def sign_note(text: str, signers: Iterable[NoteSigner]) -> bytes:
    """Return the note of a text that every one of `signers` signs, in their order.

    Ed25519 has no randomness in it: the same text and keys give the same bytes.

    Raises:
        ValueError: The text does not end in a newline or has a control; there is no signer.
    """
    signatures = [
        Signature(name=signer.name, key_id=signer.key_id, data=signer.sign(text))
        for signer in signers
    ]
    return format_note(Note(text=text, signatures=tuple(signatures)))


def open_note(data: bytes, verifiers: Iterable[NoteVerifier]) -> OpenedNote:
    """Return the note that `data` is, if a trusted key has signed it.

    Args:
        data: The whole file.
        verifiers: The keys that are trusted.

    Raises:
        MalformedLogError: `data` is no note.
        UnverifiedNoteError: None of the keys has signed it, or a signature under the name and id
            of one of them does not verify.
        ValueError: Two of the keys have one name and id, so that neither could be told apart.
    """
    trusted: dict[tuple[str, bytes], NoteVerifier] = {}
    for verifier in verifiers:
        if trusted.setdefault((verifier.name, verifier.key_id), verifier) != verifier:
            raise ValueError(f"two keys are called {verifier.name}+{verifier.key_id.hex()}")
    note = parse_note(data)
    verified = []
    for signature in note.signatures:
        known = trusted.get((signature.name, signature.key_id))
        if known is None:
            continue
        if not known.verify(note.text, signature.data):
            called = f"{known.name}+{known.key_id.hex()}"
            raise UnverifiedNoteError(f"a signature of {called} does not verify", note)
        verified.append(signature)
    if not verified:
        names = ", ".join(sorted({name for name, _ in trusted})) or "nobody"
        raise UnverifiedNoteError(f"a note without a signature of {names}", note)
    return OpenedNote(note=note, verified=tuple(verified))


# ---- keys


@dataclass(frozen=True, slots=True, kw_only=True)
class Verifier:
    """A public key and whose it is."""

    name: str
    public_key: bytes
    """32 bytes."""

    @property
    def key_id(self) -> bytes:
        """The 4 bytes that its signatures begin with."""
        return key_id(self.name, ED25519, self.public_key)

    def verify(self, text: str, signature: bytes) -> bool:
        """Tell whether `signature`, without the id, is this key's under a note's text."""
        return verify_ed25519(self.public_key, text.encode(), signature)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """A secret key and whose it is; `generate` makes one that a log may use."""

    name: str
    seed: bytes = field(repr=False)
    """32 bytes, as secret as the log's word is good."""

    @property
    def verifier(self) -> Verifier:
        """The public half."""
        return Verifier(name=self.name, public_key=public_key(self.seed))

    @property
    def key_id(self) -> bytes:
        """The 4 bytes that its signatures begin with."""
        return self.verifier.key_id

    def sign(self, text: str) -> bytes:
        """Return the signature of a note's text, 64 bytes."""
        return sign_ed25519(self.seed, text.encode())


def generate(name: str, seed: bytes) -> Signer:
    """Return a new log's key of this name.

    Args:
        name: What the log is called, for ever: a host and a path without scheme.
        seed: 32 bytes that nobody can guess, from the system's source of randomness.

    Raises:
        ValueError: The name is unfit, see `why_unpublishable_name`, or the seed not 32 bytes.
    """
    if reason := why_unpublishable_name(name):
        raise ValueError(f"no log can be called {name!a}: {reason}")
    if len(seed) != _KEY_BYTES:
        raise ValueError(f"a seed of {len(seed)} bytes instead of {_KEY_BYTES}")
    return Signer(name=name, seed=seed)


def parse_verifier(text: str) -> Verifier:
    """Return the key that a verifier key spells, so that `format_verifier` gives `text` back.

    Raises:
        MalformedLogError: `text` is no verifier key of Ed25519, or its id belongs to another key.
    """
    name, identifier, key = parse_key(text, ED25519, "verifier key")
    verifier = Verifier(name=name, public_key=key)
    if verifier.key_id != identifier:
        raise MalformedLogError(f"a verifier key of {name[:80]!a} whose id is another key's")
    return verifier


def format_verifier(verifier: Verifier) -> str:
    """Return the text of a public key, which whoever fetches from the log must have."""
    return format_key(verifier.name, verifier.key_id, ED25519, verifier.public_key)


def parse_signer(text: str) -> Signer:
    """Return the key that a signer key spells, so that `format_signer` gives `text` back.

    Raises:
        MalformedLogError: `text` is no signer key of Ed25519, or its id belongs to another key.
            The message shows nothing of it but the name.
    """
    if not text.startswith(_PRIVATE):
        raise MalformedLogError(f"a signer key that does not begin with {_PRIVATE}")
    name, identifier, seed = parse_key(text.removeprefix(_PRIVATE), ED25519, "signer key")
    signer = Signer(name=name, seed=seed)
    if signer.key_id != identifier:
        raise MalformedLogError(f"a signer key of {name[:80]!a} whose id is another key's")
    return signer


def format_signer(signer: Signer) -> str:
    """Return the text of a secret key, for a file that only its owner can read."""
    return _PRIVATE + format_key(signer.name, signer.key_id, ED25519, signer.seed)


_PRIVATE: Final = "PRIVATE+KEY+"
_HEXADECIMAL: Final = re.compile("[0-9a-f]{8}")


def parse_key(text: str, algorithm: int, what: str) -> tuple[str, bytes, bytes]:
    """Return name, id and key of `NAME+id+base64(algorithm || key)`; the key has 32 bytes.

    Raises:
        MalformedLogError: `text` is something else; `what` it should be stands in the message.
    """
    name, _, rest = text.partition("+")
    identifier, _, encoded = rest.partition("+")
    if why_invalid_name(name) or not _is_text(name) or not _HEXADECIMAL.fullmatch(identifier):
        raise MalformedLogError(f"a {what} that is not NAME+8 hexadecimal digits+base64")
    key = parse_base64(encoded)
    if key is None or len(key) != 1 + _KEY_BYTES or key[0] != algorithm:
        raise MalformedLogError(
            f"a {what} of {name[:80]!a} that is not base64 of 0x{algorithm:02x} and 32 bytes"
        )
    return name, bytes.fromhex(identifier), key[1:]


def format_key(name: str, identifier: bytes, algorithm: int, key: bytes) -> str:
    """Return what `parse_key` reads."""
    return f"{name}+{identifier.hex()}+{format_base64(bytes([algorithm]) + key)}"


def _is_text(text: str) -> bool:
    """Tell whether `text` has UTF-8: half a surrogate pair, as a shell may pass on, has none."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


# ---- Ed25519; cryptography is imported where it is needed, for starting up takes it a while


def public_key(seed: bytes) -> bytes:
    """Return the public key of a seed, 32 bytes both."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def sign_ed25519(seed: bytes, message: bytes) -> bytes:
    """Return the Ed25519 signature of a message, 64 bytes."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.from_private_bytes(seed).sign(message)


def verify_ed25519(key: bytes, message: bytes, signature: bytes) -> bool:
    """Tell whether an Ed25519 signature verifies; one of another length does not."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except InvalidSignature:
        return False
    return True
