"""The demo city: `seed` fills an empty installation with it."""

from cli.demo.seeding import Account, DemoReport, seed

__all__ = ["Account", "DemoReport", "seed"]
