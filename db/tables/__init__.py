"""All mapped rows, one module a subject: every module of this folder is read, so that none has to be listed.

Personal fields live in `person`, `letter` and `returned_row` only.
"""

from importlib import import_module
from pkgutil import iter_modules

from db.tables.base import Base

__all__ = ["Base"]

for module in iter_modules(__path__, f"{__name__}."):
    import_module(module.name)
