"""`onecloud demo`: a platform with a workspace that does real work, and a client that does the main job."""

from __future__ import annotations

from onecloud.cli.demo.command import demo

__all__ = ["demo"]
