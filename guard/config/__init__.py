"""Settings: what can be set (`schema`), and where it is read from (`load`)."""

from guard.config.load import load
from guard.config.schema import Listen, Route, Settings, host_port

__all__ = ["Listen", "Route", "Settings", "host_port", "load"]
