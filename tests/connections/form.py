"""A connector for tests, with secrets at several depths."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field, SecretStr

from onecloud.connector import Connector, Inputs


class Tunnel(BaseModel):
    """How to reach the host from outside."""

    host: str = Field(description="Host in between.")
    key: SecretStr | None = Field(None, description="Private key.")


class Properties(Inputs):
    """What the test system needs."""

    host: str = Field(description="Where it is.")
    port: int = Field(5432, ge=1, description="Its port.")
    mode: Literal["read", "write"] = Field("read", description="What it may do.")
    password: SecretStr | None = Field(None, description="Its password.")
    tunnel: Tunnel | None = Field(None, description="How to reach it.")


WAREHOUSE = Connector("warehouse", "Warehouse", "For tests", (), properties=Properties)
BARE = Connector("bare", "Bare", "Needs no connection", ())
CONNECTORS = {"warehouse": WAREHOUSE, "bare": BARE}
