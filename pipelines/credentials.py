"""C2PA content credentials: signs that a model made a picture, and reads such signatures. Knows no users, keeps no key.

Follows the C2PA 2.2 specification through c2pa-python. Nothing here reaches a network: no time stamps, no revocation
lists, no manifests that lie elsewhere.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from PIL import Image

from pipelines.provenance import AI_MADE

MEDIA_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp", "GIF": "image/gif", "TIFF": "image/tiff"}
MIXED = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
AGENT = {"name": "PixCosmos"}
TRAINING_USES = ("cawg.ai_generative_training", "cawg.ai_training", "cawg.ai_inference", "cawg.data_mining")
FOR_US = "Allowed to the studio that signed this file. Nobody else is given leave."
STRICTEST_FIRST = ("notAllowed", "constrained", "allowed")
LIFETIME = timedelta(days=3650)
OFFLINE: Mapping[str, Any] = {
    "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False},
    "builder": {"thumbnail": {"enabled": False}},
}


@dataclass(frozen=True, slots=True)
class Credentials:
    """`chain`: PEM certificates, the signer's first and the root last. `key`: the signer's PEM key (P-256, PKCS 8)."""

    chain: bytes
    key: bytes = field(repr=False)

    @property
    def root(self) -> bytes:
        mark = b"-----BEGIN CERTIFICATE-----"
        return mark + self.chain.rpartition(mark)[2]


@dataclass(frozen=True, slots=True)
class Report:
    """What a file's credentials say. `intact`: signature and bytes agree. `ours`: signed under the asked root.

    `ingredients` counts the pictures it was made from; `problems` are C2PA's own codes. `ai_made`: by this or by a step
    before. `training` is what its maker says of it: "allowed", "constrained", "notAllowed", or "" for nothing.
    """

    intact: bool
    ours: bool
    signer: str = ""
    generator: str = ""
    ai_made: bool = False
    training: str = ""
    actions: tuple[str, ...] = ()
    ingredients: int = 0
    problems: tuple[str, ...] = ()


def create(now: datetime) -> Credentials:
    """A new home certificate for ten years, under a root whose key is forgotten at once. No name, host or person."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root = certificate("PixCosmos home root", root_key.public_key(), "PixCosmos home root", root_key, now)
    leaf = certificate("PixCosmos home", key.public_key(), "PixCosmos home root", root_key, now)
    chain = b"".join(one.public_bytes(serialization.Encoding.PEM) for one in (leaf, root))
    plain = serialization.NoEncryption()
    return Credentials(
        chain, key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    )


def certificate(subject: str, public_key: Any, issuer: str, issuer_key: Any, now: datetime) -> Any:
    """An X.509 certificate with the extensions that C2PA asks of a signer, or of a root where both names are one."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.x509.oid import ExtendedKeyUsageOID

    root = subject == issuer
    usages = ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "crl_sign")
    usage = x509.KeyUsage(
        digital_signature=not root,
        key_cert_sign=root,
        encipher_only=False,
        decipher_only=False,
        **dict.fromkeys(usages, False),
    )
    builder = (
        x509.CertificateBuilder(subject_name=named(subject), issuer_name=named(issuer), public_key=public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + LIFETIME)
        .add_extension(x509.BasicConstraints(ca=root, path_length=0 if root else None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )
    if not root:
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
    return builder.sign(issuer_key, hashes.SHA256())


def named(common_name: str) -> Any:
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    organization = x509.NameAttribute(NameOID.ORGANIZATION_NAME, "PixCosmos")
    return x509.Name([organization, x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def sign(
    data: bytes,
    credentials: Credentials,
    parent: bytes | None = None,
    allow_training: bool = False,
    watermarked: bool = False,
) -> bytes:
    """The file with a signed manifest inside: made by a model, or changed by one from `parent` (a picture file).

    The last step of writing a file: any later change of a byte breaks the signature. Credentials that the parent
    carries are kept as its history. `allow_training`: the maker agreed that this home learns from it, and nobody else.
    Raises ValueError for a format without credentials.
    """
    return with_manifest(data, credentials, manifest(parent is not None, allow_training, watermarked), parent)


def carry(data: bytes, credentials: Credentials, original: bytes) -> bytes:
    """A copy of a picture that somebody brought: nothing was made, and the history in the original stays readable.

    Raises ValueError for a format without credentials.
    """
    actions = [{"action": "c2pa.transcoded", "softwareAgent": AGENT}]
    said = {"claim_generator_info": [AGENT], "assertions": [{"label": "c2pa.actions", "data": {"actions": actions}}]}
    return with_manifest(data, credentials, said, original)


def with_manifest(data: bytes, credentials: Credentials, said: Mapping[str, Any], parent: bytes | None) -> bytes:
    import c2pa

    signer = c2pa.Signer.from_info(c2pa.C2paSignerInfo("es256", credentials.chain, credentials.key, None))
    builder = c2pa.Builder(dict(said), context=c2pa.Context.from_dict(dict(OFFLINE)))
    result = io.BytesIO()
    with signer, builder:
        if parent is not None:
            builder.set_intent(c2pa.C2paBuilderIntent.EDIT)
            builder.add_ingredient({"relationship": "parentOf"}, media_type(parent), io.BytesIO(parent))
        builder.sign(signer, media_type(data), io.BytesIO(data), result)
    return result.getvalue()


def manifest(edited: bool, allow_training: bool, watermarked: bool = False) -> dict[str, Any]:
    action, source = ("c2pa.edited", MIXED) if edited else ("c2pa.created", AI_MADE)
    actions = [{"action": action, "digitalSourceType": source, "softwareAgent": AGENT}]
    if watermarked:
        actions.append({"action": "c2pa.watermarked.unbound", "softwareAgent": AGENT})
    use = {"use": "constrained", "constraint_info": FOR_US} if allow_training else {"use": "notAllowed"}
    return {
        "claim_generator_info": [AGENT],
        "assertions": [
            {"label": "c2pa.actions", "data": {"actions": actions}},
            {"label": "cawg.training-mining", "data": {"entries": dict.fromkeys(TRAINING_USES, use)}},
        ],
    }


def verify(data: bytes, root: bytes | None = None) -> Report | None:
    """What the credentials inside a file say, None when there are none. `root`: the PEM root that counts as ours."""
    import c2pa

    settings = dict(OFFLINE)
    if root is not None:
        settings["trust"] = {"user_anchors": root.decode()}
    try:
        kind = media_type(data)
        with c2pa.Reader(kind, io.BytesIO(data), context=c2pa.Context.from_dict(settings)) as reader:
            return report(reader)
    except (ValueError, c2pa.C2paError.ManifestNotFound):
        return None
    except c2pa.C2paError as error:
        return Report(False, False, problems=(str(error).partition(":")[0],))


def report(reader: Any) -> Report:
    active = reader.get_active_manifest() or {}
    results = reader.get_validation_results() or {}
    state = reader.get_validation_state()
    failures = results.get("activeManifest", {}).get("failure", [])
    assertions = active.get("assertions", [])
    steps = [
        step
        for one in assertions
        if one["label"].startswith("c2pa.actions")
        for step in one["data"].get("actions", [])
    ]
    uses = [one["data"].get("entries", {}) for one in assertions if one["label"].endswith("training-mining")]
    return Report(
        intact=state in ("Valid", "Trusted"),
        ours=state == "Trusted",
        signer=active.get("signature_info", {}).get("common_name") or "",
        generator=next((one.get("name", "") for one in active.get("claim_generator_info") or []), ""),
        ai_made=made_by_ai(reader),
        training=strictest(uses[0]) if uses else "",
        actions=tuple(step.get("action", "") for step in steps),
        ingredients=len(active.get("ingredients", [])),
        problems=tuple(one.get("code", "") for one in failures),
    )


def made_by_ai(reader: Any) -> bool:
    """Whether the file or anything that it was made from says so."""
    said = json.loads(reader.json()).get("manifests", {})
    steps = (
        step
        for one in said.values()
        for assertion in one.get("assertions", [])
        if assertion["label"].startswith("c2pa.actions")
        for step in assertion["data"].get("actions", [])
    )
    return any(step.get("digitalSourceType") in (AI_MADE, MIXED) for step in steps)


def strictest(entries: Mapping[str, Any]) -> str:
    """One word for all uses. A use that is not understood counts as not allowed."""
    said = {use.get("use") for use in entries.values()}
    return next((word for word in STRICTEST_FIRST if word in said), "notAllowed") if said else ""


def media_type(data: bytes) -> str:
    """Raises ValueError for a file that is no picture of a kind that can carry credentials."""
    try:
        kind = Image.open(io.BytesIO(data), formats=tuple(MEDIA_TYPES)).format
    except Exception as error:  # Pillow's decoders raise what they like over damaged bytes.
        raise ValueError(f"file: {len(data)} bytes that are no picture. Expected {', '.join(MEDIA_TYPES)}.") from error
    return MEDIA_TYPES[str(kind)]
