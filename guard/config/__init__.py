"""Settings: what can be set (`schema`, `mail`, `words`), and where it is read from (`load`)."""

from guard.config.load import load
from guard.config.mail import Listen, Route
from guard.config.schema import Settings
from guard.config.words import host_port

__all__ = ["Listen", "Route", "Settings", "host_port", "load"]
