"""Every table at once: for who makes, upgrades or writes a database. Readers load only the tables that they read.

Every module of this folder is read, so that none has to be listed.
"""

from importlib import import_module
from pkgutil import iter_modules

from db import tables
from db.tables.base import Base

__all__ = ["Base"]

for module in iter_modules(tables.__path__, f"{tables.__name__}."):
    if module.name != __name__:
        import_module(module.name)
