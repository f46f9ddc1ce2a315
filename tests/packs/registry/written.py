"""Small registries, written for one test each."""

from pathlib import Path

from ecluse.packs.registry import Registry, load

SOURCES = """
[[sources]]
id = "read"
title = "A document that was read"
url = "https://example.org/document"
as_of = 2026-01-01
confidence = "high"
kind = "primary"

[[sources]]
id = "rumour"
title = "A weak page"
url = "https://example.org/rumour"
as_of = 2026-01-01
confidence = "low"
kind = "secondary"

[[sources]]
id = "memory"
title = "Nothing was opened"
url = ""
as_of = 2026-01-01
confidence = "high"
kind = "general_knowledge"
"""

PROVIDER = """
[provider]
id = "acme"
name = "Acme"
entity = "acme"
source = "read"

[[entities]]
id = "acme"
name = "Acme SAS"
seat = "FR"
source = "read"

[[models]]
id = "m"
name = "M"
developer = "Acme"
source = "read"
"""

API = """
[[offers]]
id = "api"
name = "API"
kind = "model_api"
source = "read"

[[destinations]]
id = "acme/api/m"
model = "m"
offer = "api"
operated_by = "provider"
dialect = "openai_chat"
base_url = "https://api.example.org/v1"
wire_model = "m"
capabilities = ["chat"]
source = "read"
"""

IAAS = """
[[offers]]
id = "iaas"
name = "IaaS"
kind = "iaas"
source = "read"

[[offers.attestations]]
scheme = "secnumcloud"
reference = "decision 1"
valid_from = 2025-06-01
valid_until = 2026-12-01
scope = ["IaaS"]
source = "read"
"""


def write(folder: Path, *tables: str, name: str = "acme.toml") -> Path:
    (folder / name).write_text("\n".join(tables), encoding="utf-8")
    return folder


def registry(folder: Path, *tables: str) -> Registry:
    return load(write(folder, SOURCES, PROVIDER, *tables))
