"""The keys that sign checkpoints: made once, in the data folder, public half exportable."""

import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from workflow.errors import N_, WorkflowError

PRIVATE = "checkpoint.key"
PUBLIC = "checkpoint.pub"


@dataclass(frozen=True, slots=True)
class KeyPair:
    """The key that signs, and where its public half lies for whoever wants to verify."""

    private: Ed25519PrivateKey
    public_file: Path

    @property
    def public(self) -> Ed25519PublicKey:
        """The half that verifies."""
        return self.private.public_key()


def key_pair(data_dir: Path) -> KeyPair:
    """The installation's keys in ``data_dir/keys``, made (0600) if there are none yet."""
    folder = data_dir / "keys"
    path = folder / PRIVATE
    if not path.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write_new(path, _private_bytes(Ed25519PrivateKey.generate()), 0o600)
    loaded = _load_private(path)
    public = folder / PUBLIC
    if not public.exists():
        _write_new(public, public_bytes(loaded.public_key()), 0o644)
    return KeyPair(loaded, public)


def public_key(data_dir: Path) -> Ed25519PublicKey | None:
    """The half that verifies, from either file of ``data_dir/keys``; None without both, makes none.

    Raises WorkflowError if there is a file that holds no key.
    """
    folder = data_dir / "keys"
    if (folder / PRIVATE).exists():
        return _load_private(folder / PRIVATE).public_key()
    return load_public(folder / PUBLIC) if (folder / PUBLIC).exists() else None


def load_public(path: Path) -> Ed25519PublicKey:
    """The public key in a PEM file. Raises WorkflowError if there is none."""
    try:
        key = serialization.load_pem_public_key(path.read_bytes())
    except (OSError, ValueError) as fault:
        raise _no_key(path) from fault
    if not isinstance(key, Ed25519PublicKey):
        raise _no_key(path)
    return key


def public_bytes(key: Ed25519PublicKey) -> bytes:
    """The PEM form that can be handed outside."""
    return key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def is_signed(key: Ed25519PublicKey, signature: str, message: bytes) -> bool:
    """Whether `signature` (hex) is this key's over `message`."""
    try:
        key.verify(bytes.fromhex(signature), message)
    except (InvalidSignature, ValueError):
        return False
    return True


def _load_private(path: Path) -> Ed25519PrivateKey:
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), None)
    except (OSError, ValueError) as fault:
        raise _no_key(path) from fault
    if not isinstance(key, Ed25519PrivateKey):
        raise _no_key(path)
    return key


def _private_bytes(key: Ed25519PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _write_new(path: Path, content: bytes, mode: int) -> None:
    """Write a whole file or none; of two processes that start together the first one's stays."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with open(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _no_key(path: Path) -> WorkflowError:
    return WorkflowError(
        N_("“{path}”不是可用的 Ed25519 密钥文件（PEM）。"), code="no_key", params={"path": path}
    )
