"""What Amazon publishes of Bedrock, as its own SDK has it: the service model of bedrock-runtime in botocore.

Law: a field that the model does not have is refused at every depth, and so is a value of the wrong type; nothing here
was copied by hand. A signature is computed anew from the request that came, by the text of AWS's reference.
"""

import hashlib
import hmac
import json
import re
from typing import Any

import botocore.session
from botocore.validate import ParamValidator

from simulators.connections import Ask
from simulators.published import Body, Problem, UnacceptableError

_SERVICE = botocore.session.get_session().get_service_model("bedrock-runtime")
_CREDENTIAL = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<id>\w+)/(?P<day>\d{8})/(?P<region>[a-z0-9-]+)/bedrock/aws4_request, "
    r"SignedHeaders=(?P<names>[a-z0-9;-]+), Signature=(?P<signature>[0-9a-f]{64})"
)


def converse(raw: bytes, model: str) -> Body:
    """Read a call of Converse by the service model. Raises UnacceptableError."""
    body = json.loads(raw)
    shape = _SERVICE.operation_model("Converse").input_shape
    asked = {**body, "modelId": model}
    found = ParamValidator().validate(asked, shape).generate_report()
    unknown = [name for name in _unknown(asked, shape) if name]
    if found or unknown:
        raise UnacceptableError(Problem(tuple(unknown[:1]), "value_error", found or f"unknown: {unknown}"))
    return dict(body)


def _unknown(value: Any, shape: Any, path: str = "") -> list[str]:  # noqa: ANN401 - botocore's shapes have no types
    """List what the model does not have; botocore's validator lets unknown members of structures pass."""
    if shape.type_name == "structure" and isinstance(value, dict) and not getattr(shape, "is_document_type", False):
        out = [f"{path}.{name}" for name in value if name not in shape.members]
        for name, member in value.items():
            if name in shape.members:
                out += _unknown(member, shape.members[name], f"{path}.{name}")
        if shape.is_tagged_union and len(value) != 1:
            out.append(f"{path}: one member, not {len(value)}")
        return out
    if shape.type_name == "list" and isinstance(value, list):
        return [name for i, one in enumerate(value) for name in _unknown(one, shape.member, f"{path}[{i}]")]
    if getattr(shape, "enum", None) and value not in shape.enum:
        return [f"{path}: {value} is none of {shape.enum}"]
    if (pattern := shape.metadata.get("pattern")) and not re.fullmatch(pattern, str(value)):
        return [f"{path}: not {pattern}"]
    return []


def signed(ask: Ask, key_id: str, secret: str) -> bool:
    """Say whether a request bears the signature that its own parts give (AWS, "Signature Version 4")."""
    stated = _CREDENTIAL.fullmatch(ask.headers.get("authorization", ""))
    if stated is None or stated["id"] != key_id:
        return False
    names = stated["names"].split(";")
    if not {"host", "x-amz-date"} <= set(names):
        return False
    moment = ask.headers["x-amz-date"]
    canonical = "\n".join(
        (
            ask.method,
            _twice(ask.target),
            "",
            *(f"{name}:{' '.join(ask.headers.get(name, '').split())}" for name in names),
            "",
            stated["names"],
            hashlib.sha256(ask.body).hexdigest(),
        )
    )
    scope = f"{stated['day']}/{stated['region']}/bedrock/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = f"AWS4{secret}".encode()
    for piece in scope.split("/"):
        key = hmac.digest(key, piece.encode(), "sha256")
    return moment[:8] == stated["day"] and hmac.compare_digest(
        hmac.digest(key, text.encode(), "sha256").hex(), stated["signature"]
    )


def _twice(path: str) -> str:
    """Encode a path that is already encoded once more, as every service but S3 wants it signed."""
    return path.replace("%", "%25")
